import { createHash } from "node:crypto";

/** One line of value, as it stands in an operation. */
export interface FactLine {
  purse: string;
  lot: string;
  principal: number;
  bonus: number;
  /** the credit that it spends; absent for a new credit */
  credit?: string;
}

/** An operation as the oracle reads it: plain JSON, and no code of the product. */
export interface Fact {
  /** the entry of the authority log that it cites, `number:hash` */
  auth: string;
  ref: string;
  chain: string;
  device: string;
  seq: number;
  text: string;
  kind: string;
  body: Record<string, never> & {
    member?: string;
    batch?: string;
    target?: string;
    undo?: string;
    principal?: number;
    bonus?: number;
    fields?: string[];
    cites?: Record<string, string[]>;
    items?: { payable: number }[];
    tenders?: { tender: string; amount: number }[];
    value?: FactLine[];
  };
}

export interface Closing {
  /** who goes on in the place of this device; nobody while it is only stopped */
  by: string | undefined;
  isServer: boolean;
  /** another device was enrolled in its place: nobody stopped it, and nobody doubted it */
  isReplaced: boolean;
  cut: Cut;
  /** where a device that was replaced was stopped as well */
  end?: Cut;
  /** who served then */
  server: string;
  /** number of the entry that ended it */
  seq: number;
}

type Cut = Record<string, { next: number; hash: string }>;

/** What the authority log says of devices, as far as it matters for what counts. */
export interface Devices {
  storeOf: Map<string, string>;
  servers: Set<string>;
  closings: Map<string, Closing>;
  /** who serves */
  server: string;
  /** number of the entry that was read last */
  seq: number;
  /** names of the entries that are in the log itself */
  names: Set<string>;
}

function readFact(text: string): Fact | undefined {
  const value = JSON.parse(text) as { device?: string; store: string; seq: number };
  if (value.device === undefined) return undefined;
  const chain = `${value.device}@${value.store}`;
  return { ...(value as object), chain, text, ref: `${chain}:${value.seq}` } as Fact;
}

interface EntryBody {
  device: string;
  store: string;
  server: { device: string };
  replaces?: string;
  closes: string;
  cut?: Record<string, { next: number; hash: string }>;
  after: string;
  entries: string[];
  through: string;
}

/** What is kept of a device's history: the runs that count, by the log; the others stand apart. */
export function factsThatStand(
  runs: Iterable<{ operations: readonly string[]; seal: string }>,
  { closings }: Devices,
): Map<string, Fact> {
  interface Sealed {
    chain: string;
    prev: string;
    head: string;
  }
  const byHead = new Map<string, { seal: Sealed; facts: Fact[] }>();
  for (const { operations, seal: text } of runs) {
    const seal = JSON.parse(text) as Sealed;
    byHead.set(seal.head, { seal, facts: operations.flatMap((each) => readFact(each) ?? []) });
  }
  const named = new Set<string>();
  for (const { cut, end = {} } of closings.values())
    for (const { hash } of [...Object.values(cut), ...Object.values(end)])
      for (let at = byHead.get(hash); at; at = byHead.get(at.seal.prev)) named.add(at.seal.head);
  const placesOfNamed = new Set(
    [...named].flatMap((head) => (byHead.get(head)?.facts ?? []).map(({ ref }) => ref)),
  );
  const facts = new Map<string, Fact>();
  for (const { seal, facts: sealed } of byHead.values())
    for (const fact of sealed) {
      const { cut = {}, end = {} } = closings.get(fact.device) ?? {};
      const next = Math.max(cut[fact.chain]?.next ?? 0, end[fact.chain]?.next ?? 0);
      // What the cut names may have lost its last copy: what is left before the cut stands all the same.
      if (fact.seq >= next || named.has(seal.head) || !placesOfNamed.has(fact.ref))
        facts.set(fact.ref, fact);
    }
  return facts;
}

interface LostEntry {
  after: string;
  text: string;
  isInForce: boolean;
}

/** `sequence:hash`, by which others name an entry. */
const nameOf = (text: string): string => {
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  return `${(JSON.parse(text) as { seq: number }).seq}:${hash}`;
};

export function readDevices(entries: readonly string[]): Devices {
  const devices: Devices = {
    storeOf: new Map(),
    servers: new Set(),
    closings: new Map(),
    server: "",
    seq: 0,
    names: new Set(entries.map(nameOf)),
  };
  const lost = new Map<string, LostEntry>();
  for (const [seq, text] of entries.entries()) {
    devices.seq = seq;
    readEntry(devices, lost, text);
  }
  return devices;
}

function readEntry(devices: Devices, lost: Map<string, LostEntry>, text: string): void {
  const { storeOf, servers, closings } = devices;
  const { kind, body } = JSON.parse(text) as { kind: string; body: EntryBody };
  if (kind === "LostEntriesRecorded") keepLost(devices, lost, body);
  if (kind === "EntriesReinstated") {
    const path: LostEntry[] = [];
    for (let at = lost.get(body.through); at; at = lost.get(at.after)) path.unshift(at);
    for (const each of path.filter(({ isInForce }) => !isInForce)) {
      each.isInForce = true;
      readLate(devices, lost, each.text);
    }
  }
  const usual = { isServer: false, isReplaced: false, server: devices.server, seq: devices.seq };
  const ended = { ...usual, cut: body.cut ?? {} };
  if (kind === "TermOpened")
    closings.set(body.closes, { ...ended, by: body.server.device, isServer: true });
  if (kind === "OrganisationFounded" || kind === "TermOpened") {
    servers.add(body.server.device);
    devices.server = body.server.device;
  }
  if (kind === "DeviceFrozen") {
    const before = closings.get(body.device);
    if (!before) closings.set(body.device, { ...ended, by: undefined });
    else if (before.isReplaced && !before.end) before.end = ended.cut;
  }
  if (kind === "DeviceSucceeded") {
    const before = closings.get(body.replaces ?? "") ?? ended;
    closings.set(body.replaces ?? "", { ...before, by: body.device });
    storeOf.set(body.device, storeOf.get(body.replaces ?? "") ?? "");
  }
  if (kind !== "DeviceEnrolled") return;
  storeOf.set(body.device, body.store);
  if (body.replaces === undefined) return;
  const before = closings.get(body.replaces) ?? { ...ended, isReplaced: true };
  closings.set(body.replaces, { ...before, by: body.device });
}

/** What a recovery left behind: what stops a device does so at once, the rest when it is given again. */
function keepLost(
  devices: Devices,
  lost: Map<string, LostEntry>,
  { after, entries }: EntryBody,
): void {
  let before = after;
  for (const text of entries) {
    const name = nameOf(text);
    const { kind, body } = JSON.parse(text) as { kind: string; body: EntryBody };
    if (kind === "LostEntriesRecorded") keepLost(devices, lost, body);
    const subject = kind === "DeviceSucceeded" ? (body.replaces ?? "") : body.device;
    const isKnown = devices.storeOf.has(subject);
    const isInForce =
      kind === "TermOpened" ||
      kind === "LostEntriesRecorded" ||
      (isKnown && (kind === "DeviceFrozen" || kind === "DeviceSucceeded"));
    lost.set(name, { after: before, text, isInForce });
    if (isInForce) readLate(devices, lost, text);
    before = name;
  }
}

/** As far as it still fits: nobody is closed twice, and nobody takes a place that is taken. */
function readLate(devices: Devices, lost: Map<string, LostEntry>, text: string): void {
  const { closings, storeOf, servers } = devices;
  const { kind, body } = JSON.parse(text) as { kind: string; body: EntryBody };
  const isGone = (device: string) => closings.get(device)?.by !== undefined;
  if (kind === "LostEntriesRecorded") return;
  if (kind === "TermOpened") {
    const closing = closings.get(body.closes);
    if (!closing || servers.has(body.server.device)) return;
    servers.add(body.server.device);
    closings.set(body.server.device, { ...closing, cut: {} });
    closing.by = body.server.device;
  } else if (kind === "DeviceFrozen") {
    readEntry(devices, lost, text);
  } else if (kind === "DeviceSucceeded") {
    const before = closings.get(body.replaces ?? "");
    if (storeOf.has(body.device)) return;
    if (before?.by === undefined) readEntry(devices, lost, text);
    else {
      // It went on from a device in whose place there is another one: the same is true of it.
      storeOf.set(body.device, storeOf.get(body.replaces ?? "") ?? "");
      closings.set(body.device, { ...before, cut: {}, seq: devices.seq });
    }
  } else if (kind === "DeviceEnrolled") {
    if (storeOf.has(body.device)) return;
    if (body.replaces === undefined || !isGone(body.replaces)) readEntry(devices, lost, text);
    else storeOf.set(body.device, body.store);
  } else readEntry(devices, lost, text);
}
