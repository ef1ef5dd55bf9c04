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
  /** who goes on in the place of this device */
  by: string;
  isServer: boolean;
  cut: Record<string, { next: number }>;
}

/** What the authority log says of devices, as far as it matters for what counts. */
export interface Devices {
  storeOf: Map<string, string>;
  servers: Set<string>;
  closings: Map<string, Closing>;
}

export function readFact(text: string): Fact | undefined {
  const value = JSON.parse(text) as { device?: string; store: string; seq: number };
  if (value.device === undefined) return undefined;
  const chain = `${value.device}@${value.store}`;
  return { ...(value as object), chain, ref: `${chain}:${value.seq}` } as Fact;
}

interface EntryBody {
  device: string;
  store: string;
  server: { device: string };
  replaces?: string;
  closes: string;
  cut?: Record<string, { next: number }>;
}

export function readDevices(entries: readonly string[]): Devices {
  const devices: Devices = { storeOf: new Map(), servers: new Set(), closings: new Map() };
  const { storeOf, servers, closings } = devices;
  for (const text of entries) {
    const { kind, body } = JSON.parse(text) as { kind: string; body: EntryBody };
    if (kind === "OrganisationFounded" || kind === "TermOpened") servers.add(body.server.device);
    if (kind === "TermOpened")
      closings.set(body.closes, { by: body.server.device, isServer: true, cut: body.cut ?? {} });
    if (kind !== "DeviceEnrolled") continue;
    storeOf.set(body.device, body.store);
    if (body.replaces !== undefined)
      closings.set(body.replaces, { by: body.device, isServer: false, cut: body.cut ?? {} });
  }
  return devices;
}
