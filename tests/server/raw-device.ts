import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import { newPairingCode, pairingSigner } from "../../shared/access/pairing-code.ts";
import { recoverySigner, seedSigner } from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import type { Identity } from "../../shared/replica/device-replica-deps.ts";
import { enrolByCode } from "../../shared/replica/enrol-device.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { askTickets } from "../../shared/replica/server-contact.ts";
import {
  type DeviceMessage,
  readServerMessage,
  type ServerMessage,
  sessionMessageType,
} from "../../shared/sync/messages.ts";
import { atEnd, type FoundedServer } from "./server-harness.ts";

/** Any device's key and identity, without the product's own client: what an attacker would have. */
export interface RawDevice {
  identity: Identity;
  signer: Signer;
  authority: string[];
  /** the whole ledger as the device knows it */
  ledger: Ledger;
  ticket(): Promise<string>;
  connect(name: string, options?: { ticket?: string; origin?: string }): Promise<RawSocket>;
  author(drafts: readonly Drafting[]): ReturnType<typeof authorRun>;
}

/** A pairing code, signed in by the recovery card. */
export async function inviteByRecovery(
  server: FoundedServer,
  invitation: { till?: boolean; ceiling?: "owner" | "manager" | "cashier"; replaces?: string } = {},
): Promise<string> {
  const { relay } = server.data;
  const code = newPairingCode(server.platform.random);
  const { till = true, ceiling = "owner", replaces } = invitation;
  const store = [...relay.ledger.log.stores.keys()][0] ?? "";
  const entry = await signEntry(
    relay.ledger.log,
    {
      kind: "DeviceInvited",
      body: {
        key: pairingSigner(code).publicKey,
        store,
        ceiling,
        till,
        replaces,
        expires: Date.now() + 60_000,
      },
    },
    [{ by: "recovery", signer: recoverySigner(server.recovery) }],
    Date.now(),
  );
  const sequenced = await relay.sequence(entry);
  if (!sequenced.ok) throw new Error(sequenced.refusal);
  return code;
}

export async function enrolRaw(server: FoundedServer, code: string): Promise<RawDevice> {
  const { platform, url } = server;
  const api = platform.httpApi(url);
  const signer = seedSigner(platform.random.bytes(32));
  const { signatures, random, clock } = platform;
  const deps = { api, signatures, random, clock, deviceName: "raw", deviceSigner: signer };
  const enrolled = await enrolByCode(deps, code);
  if (!enrolled.ok) throw new Error(enrolled.refusal);
  const { identity, authority } = enrolled.value;
  const ledger = new Ledger(signatures);
  for (const text of authority) await ledger.addAuthority(text);
  const { org, device } = identity;
  const ticket = async () => {
    const tickets = await askTickets(api, { org, device, signer }, 1);
    if (!tickets.ok) throw new Error(tickets.refusal);
    return tickets.value[0] ?? "";
  };
  return {
    identity,
    signer,
    authority,
    ledger,
    ticket,
    connect: async (name, options = {}) =>
      openSocket(url, name, options.ticket ?? (await ticket()), options.origin),
    author: async (drafts) => {
      const staff = [...(await state(authority, signatures)).staff.keys()][0] ?? "";
      const author = { device, store: identity.store, staff, attested: true };
      return authorRun({ ledger, clock, signer }, author, drafts);
    },
  };
}

async function state(texts: readonly string[], signatures: Parameters<typeof readAuthorityLog>[1]) {
  const log = await readAuthorityLog(texts, signatures);
  if (!log.ok) throw new Error(log.refusal);
  return log.value;
}

/** A socket that says exactly what it is told to. */
export interface RawSocket {
  socket: WebSocket;
  /** resolves with the close code */
  closed: Promise<number>;
  frames: Uint8Array[];
  messages: ServerMessage[];
  send(bytes: Uint8Array): void;
  say(message: DeviceMessage | object): void;
  /** the answer with this id */
  answer(id: number): Promise<ServerMessage>;
}

export async function openSocket(
  url: string,
  name: string,
  ticket: string,
  origin?: string,
): Promise<RawSocket> {
  const address = `${url.replace("http", "ws")}/sync/${name}?ticket=${ticket}`;
  const socket = new WebSocket(address, origin === undefined ? {} : { origin });
  const frames: Uint8Array[] = [];
  const messages: ServerMessage[] = [];
  const listeners = new Set<() => void>();
  socket.on("message", (data) => {
    const bytes = new Uint8Array(data as Buffer);
    frames.push(bytes);
    const message = messageIn(bytes);
    if (message) messages.push(message);
    for (const listener of listeners) listener();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("close", resolve);
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => {});
  });
  atEnd(async () => socket.terminate());
  await Promise.race([new Promise((resolve) => socket.once("open", resolve)), closed]);
  const send = (bytes: Uint8Array) => socket.send(bytes);
  return {
    socket,
    closed,
    frames,
    messages,
    send,
    say: (message) => send(sessionFrame(message)),
    answer: (id) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find((message) => "id" in message && message.id === id);
          if (found) {
            listeners.delete(look);
            resolve(found);
          }
        };
        listeners.add(look);
        look();
      }),
  };
}

function messageIn(bytes: Uint8Array): ServerMessage | undefined {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readVarUint(decoder) !== sessionMessageType) return undefined;
  return readServerMessage(decoding.readVarUint8Array(decoder));
}

function sessionFrame(message: object): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, sessionMessageType);
  encoding.writeVarUint8Array(encoder, new TextEncoder().encode(JSON.stringify(message)));
  return encoding.toUint8Array(encoder);
}

/** y-websocket's sync message: 0 step 1, 1 step 2, 2 update. */
export function syncFrame(step: number, content: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

export const control = authorityDocument;
