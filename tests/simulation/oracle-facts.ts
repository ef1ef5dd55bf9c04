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
  cut: Record<string, { next: number; hash: string }>;
}

/** What the authority log says of devices, as far as it matters for what counts. */
export interface Devices {
  storeOf: Map<string, string>;
  servers: Set<string>;
  closings: Map<string, Closing>;
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
  for (const { cut } of closings.values())
    for (const { hash } of Object.values(cut))
      for (let at = byHead.get(hash); at; at = byHead.get(at.seal.prev)) named.add(at.seal.head);
  const facts = new Map<string, Fact>();
  for (const { seal, facts: sealed } of byHead.values())
    for (const fact of sealed) {
      const next = closings.get(fact.device)?.cut[fact.chain]?.next ?? 0;
      if (fact.seq >= next || named.has(seal.head)) facts.set(fact.ref, fact);
    }
  return facts;
}

export function readDevices(entries: readonly string[]): Devices {
  const devices: Devices = { storeOf: new Map(), servers: new Set(), closings: new Map() };
  const { storeOf, servers, closings } = devices;
  for (const text of entries) {
    const { kind, body } = JSON.parse(text) as { kind: string; body: EntryBody };
    if (kind === "OrganisationFounded" || kind === "TermOpened") servers.add(body.server.device);
    if (kind === "TermOpened")
      closings.set(body.closes, { by: body.server.device, isServer: true, cut: body.cut ?? {} });
    if (kind === "DeviceFrozen")
      closings.set(body.device, { by: undefined, isServer: false, cut: body.cut ?? {} });
    if (kind === "DeviceSucceeded") {
      const cut = body.cut ?? closings.get(body.replaces ?? "")?.cut ?? {};
      closings.set(body.replaces ?? "", { by: body.device, isServer: false, cut });
      storeOf.set(body.device, storeOf.get(body.replaces ?? "") ?? "");
    }
    if (kind !== "DeviceEnrolled") continue;
    storeOf.set(body.device, body.store);
    if (body.replaces !== undefined)
      closings.set(body.replaces, { by: body.device, isServer: false, cut: body.cut ?? {} });
  }
  return devices;
}
