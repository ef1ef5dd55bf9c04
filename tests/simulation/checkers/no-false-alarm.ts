import type { Checker } from "../checker.ts";
import type { World } from "../world.ts";

/** What must have happened before somebody may be alarmed. */
const causes: Readonly<Record<string, readonly string[]>> = {
  fork: ["till-rolled-back", "till-cloned", "server-put-back"],
  "server-rolled-back": ["server-put-back"],
  "document-ahead": ["server-put-back"],
  "lost-entries": ["server-lost"],
  "foreign-update": [],
  "fold-broken": [],
};

/** No alarm without a cause: honest devices offend nobody, and nothing of ours breaks. */
export const noFalseAlarm: Checker = {
  name: "no false alarm",
  meanwhile: (world) => unfounded(world),
  atEnd: (world) => unfounded(world),
};

function unfounded({ server, witness }: World): string[] {
  return server.alarms.flatMap(({ kind, detail, atMs }) => {
    const allowed = causes[kind];
    const isFounded = witness.injuries.some(
      (injury) => injury.atMs <= atMs && allowed?.includes(injury.kind),
    );
    return allowed === undefined || isFounded
      ? []
      : [`alarm ${kind} for nothing: ${JSON.stringify(detail)}`];
  });
}
