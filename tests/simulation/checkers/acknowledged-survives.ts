import type { Relay } from "../../../server/relay/relay.ts";
import { deviceOfChain, splitRef } from "../../../shared/journal/operation.ts";
import type { Checker } from "../checker.ts";
import { type Closing, readDevices } from "../oracle-facts.ts";
import type { World } from "../world.ts";

/**
 * What a disk had, and what a screen said, is there in the end: on every replica, once, to the letter;
 * counted, or listed with a reason. Excused is only what lost its last copy. [J8] [LO1]
 */
export const acknowledgedSurvives: Checker = {
  name: "acknowledged survives",
  meanwhile: ({ witness }) => witness.falseClaims,
  atEnd(world) {
    const { gate } = world.server;
    if (!gate) return ["there is no server in the end"];
    return [
      ...world.witness.falseClaims,
      ...missing(world),
      ...unaccounted(world),
      ...twice(world),
      ...uncountedDeeds(world),
    ];
  },
};

function missing(world: World): string[] {
  const { textsByRef, destroyed, tillByText, shownOnServer } = world.witness;
  const replicas = world.tills.map(({ name, disk }) => ({ name, texts: disk.texts() }));
  const complaints: string[] = [];
  for (const [ref, texts] of textsByRef)
    for (const text of texts) {
      if (destroyed.has(text)) continue;
      const without = replicas.filter((replica) => !replica.texts.has(text));
      if (without.length === 0) continue;
      const { chain, seq } = splitRef(ref);
      const shown = seq < (shownOnServer.get(chain) ?? 0) ? ", shown as saved on the server," : "";
      complaints.push(
        `${ref} of ${tillByText.get(text)}${shown} is not at ${without.map(({ name }) => name).join(" ")}`,
      );
    }
  return complaints;
}

/** Silence is the one thing that must not become of an operation. */
function unaccounted(world: World): string[] {
  const { gate } = world.server;
  if (!gate) return [];
  const { fold } = gate.relay.ledger;
  return [...world.witness.textsByRef].flatMap(([ref, texts]) => {
    const left = texts.filter((text) => !world.witness.destroyed.has(text));
    if (left.length === 0) return [];
    const isListed = fold.isCounted(ref) || fold.exception(ref) !== undefined;
    const histories = Number(isListed) + apartOf(gate.relay, ref);
    if (histories >= Math.min(2, left.length)) return [];
    return [`${ref} is neither counted nor listed in all its ${left.length} histories`];
  });
}

/** How many other histories of this operation's device are kept beside the one that counts. */
const apartOf = (relay: Relay, ref: string): number => {
  const { chain, seq } = splitRef(ref);
  return relay
    .branches()
    .filter((branch) => branch.chain === chain && branch.first <= seq && seq <= branch.last).length;
};

/** Once in the documents of a term. */
function twice(world: World): string[] {
  return world.tills.flatMap(({ name, disk }) => {
    const seen = new Map<string, string>();
    const complaints: string[] = [];
    for (const [document, elements] of disk.content.documents) {
      const term = document.split("/")[1] ?? "";
      for (const text of elements) {
        const key = `${term} ${text}`;
        const other = seen.get(key);
        if (other !== undefined)
          complaints.push(`${name} holds an element of ${other} again in ${document}: ${text}`);
        seen.set(key, document);
      }
    }
    return complaints;
  });
}

/**
 * What a person was told is done counts, also where another device was enrolled in the place of the one
 * that did it; unless it lies beyond where that one was stopped or has another history, or named what
 * lies there; then it is listed with a reason.
 */
function uncountedDeeds(world: World): string[] {
  const { gate } = world.server;
  if (!gate) return [];
  const { fold, authorityTexts } = gate.relay.ledger;
  const { textsByRef, destroyed } = world.witness;
  const { closings } = readDevices(authorityTexts);
  const isOnlyReplaced = (ref: string) =>
    closings.get(deviceOf(ref))?.isReplaced === true && !isBeyondEnd(closings, ref);
  // Of an operation that lost its last copy, what named it may wait for ever.
  const lost = new Set(
    [...textsByRef]
      .filter(([, texts]) => texts.some((text) => destroyed.has(text)))
      .map(([ref]) => ref),
  );
  return world.witness.deeds.flatMap(({ refs, till, command }) =>
    refs.flatMap((ref) => {
      if (lost.has(ref) || fold.isCounted(ref)) return [];
      const exception = fold.exception(ref);
      const isExcused =
        (exception?.reason === "after-cut" && !isOnlyReplaced(ref)) ||
        (exception?.reason === "builds-on-uncounted" && namesStopped(world, closings, ref)) ||
        apartOf(gate.relay, ref) > 0 ||
        (exception !== undefined && gate.relay.branches().length > 0) ||
        (exception?.standing === "waiting" && lost.size > 0);
      return isExcused
        ? []
        : [`${command} ${ref} at ${till} was done, and stands as ${JSON.stringify(exception)}`];
    }),
  );
}

const deviceOf = (ref: string): string => deviceOfChain(splitRef(ref).chain);

type Closings = ReadonlyMap<string, Closing>;

/** Beyond where the owner stopped a device that had been replaced. */
function isBeyondEnd(closings: Closings, ref: string): boolean {
  const { chain, seq } = splitRef(ref);
  const end = closings.get(deviceOf(ref))?.end;
  return end !== undefined && seq >= (end[chain]?.next ?? 0);
}

/** Whether an operation names what lies there, over however many steps. */
function namesStopped({ witness }: World, closings: Closings, ref: string): boolean {
  const seen = new Set([ref]);
  for (const each of seen) {
    if (each !== ref && isBeyondEnd(closings, each)) return true;
    for (const text of witness.textsByRef.get(each) ?? [])
      for (const [named] of text.matchAll(/[a-z0-9]+@[a-z0-9]+:\d+/g)) seen.add(named);
  }
  return false;
}
