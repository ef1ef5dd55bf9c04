import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { injure } from "./impostors.ts";
import type { TillMachine } from "./till-machine.ts";
import type { World } from "./world.ts";

const messageSync = 0;
const syncUpdate = 2;

/**
 * Somebody between server and device slips in an update of his own: a row in the array that everybody
 * reads, under a client id of his. The device must refuse it, and say so.
 */
export function injectForeignBytes(world: World, till: TillMachine): void {
  const doc = new Y.Doc();
  doc.clientID = world.dice.between(1, 2 ** 31);
  doc.getArray("journal").push([`{"forged":${world.dice.between(1, 999)}}`]);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageSync);
  encoding.writeVarUint(encoder, syncUpdate);
  encoding.writeVarUint8Array(encoder, Y.encodeStateAsUpdate(doc));
  const bytes = encoding.toUint8Array(encoder);
  const open = [...world.network.wires].filter(({ link }) => link === till.link);
  if (open.length === 0) return;
  world.dice.pick(open).inject(bytes, () => {
    world.trace.say(`${till.name} is given foreign bytes`);
    injure(world, { kind: "foreign-bytes", subject: till.name, device: "" });
  });
}
