import { describe, expect, it } from "vitest";
import { KeyExchange } from "../../shared/replica/key-exchange.ts";
import { RunPump } from "../../shared/replica/run-pump.ts";
import type { DeviceMessage } from "../../shared/sync/messages.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { addMember, topUp } from "../harness/shop.ts";

/** A device that holds another's operations besides its own, and a server that has neither. */
async function twoChains() {
  const organisation = await TestOrganisation.found();
  const one = await organisation.enrol("till1");
  const two = await organisation.enrol("till2");
  const member = await addMember(one.replica, "孟文", "13800000001");
  await topUp(one.replica, member, 1_00);
  await organisation.exchange(one, two);
  await topUp(two.replica, member, 2_00);
  const sent: DeviceMessage[] = [];
  let ids = 0;
  const remember = { get: () => undefined, set: () => undefined };
  const send = (message: DeviceMessage) => sent.push(message);
  const keys = new KeyExchange(two.replica, remember, send, () => ids++);
  const pump = new RunPump(two.replica, keys, send, () => ids++);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
  const submits = () => sent.filter((message) => message.type === "submit");
  const puts = () => sent.filter((message) => message.type === "keys-put");
  return { pump, keys, settle, submits, puts };
}

const chainOf = (message: DeviceMessage): string =>
  message.type === "submit" ? (/"chain":"([^"]+)"/.exec(message.run.seal)?.[1] ?? "") : "";

describe("sending what the server lacks", () => {
  it("keys go before the run that needs them; then everybody's runs in sequence [LO2]", async () => {
    const { pump, keys, settle, submits, puts } = await twoChains();
    pump.serverHolds(new Map());
    pump.allow();
    await settle();
    expect(puts()).toHaveLength(1);
    expect(submits().map(chainOf)).toEqual(["till2@s1"]);
    const [put] = puts();
    if (put?.type === "keys-put") await keys.take({ type: "keys-accepted", id: put.id });
    pump.push();
    await settle();
    expect(submits().map(chainOf)).toEqual(["till2@s1", "till1@s1", "till1@s1"]);
  });

  it("keys that a full server could not take are offered again, and the run that needs them follows [LO1]", async () => {
    const { pump, keys, settle, submits, puts } = await twoChains();
    pump.serverHolds(new Map());
    pump.allow();
    await settle();
    const [first] = puts();
    if (first?.type === "keys-put") keys.refused(first.id);
    expect(keys.isIdle()).toBe(false);
    keys.beat();
    const [, again] = puts();
    expect(again).toEqual({ ...first, id: again?.type === "keys-put" ? again.id : -1 });
    if (again?.type === "keys-put") await keys.take({ type: "keys-accepted", id: again.id });
    pump.push();
    await settle();
    expect(submits().map(chainOf)).toContain("till1@s1");
  });

  it("a run that is refused for good is not sent again and again, and holds up no other chain [J6]", async () => {
    const { pump, keys, settle, submits, puts } = await twoChains();
    pump.serverHolds(new Map());
    pump.allow();
    await settle();
    const [put] = puts();
    if (put?.type === "keys-put") await keys.take({ type: "keys-accepted", id: put.id });
    const [own] = submits();
    const ownId = own?.type === "submit" ? own.id : -1;
    expect(pump.refused(ownId, "fork", 0)).toBe("till2@s1");
    for (let times = 0; times < 5; times++) {
      pump.push();
      await settle();
    }
    expect(submits().filter((message) => chainOf(message) === "till2@s1")).toHaveLength(1);
    expect(submits().filter((message) => chainOf(message) === "till1@s1")).toHaveLength(2);
  });

  it("after a gap it goes back to where the server stands [J1]", async () => {
    const { pump, settle, submits } = await twoChains();
    pump.serverHolds(new Map([["till1@s1", { next: 2, hash: "" }]]));
    pump.allow();
    await settle();
    const [own] = submits();
    pump.refused(own?.type === "submit" ? own.id : -1, "gap", 0);
    await settle();
    expect(submits().map(chainOf)).toEqual(["till2@s1", "till2@s1"]);
  });
});
