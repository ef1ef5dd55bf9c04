import { readFileSync } from "node:fs";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { createHttpApi } from "../../../server/adapters/http-api.ts";
import { authorityDocument } from "../../../shared/documents/document-name.ts";
import { writeStateVector } from "../../../shared/documents/state-vector.ts";
import { readUpdate } from "../../../shared/documents/update-reader.ts";
import type { Run } from "../../../shared/journal/run.ts";
import { askTickets } from "../../../shared/replica/server-contact.ts";
import {
  type DeviceMessage,
  readServerMessage,
  sessionMessageType,
  writeMessage,
} from "../../../shared/sync/messages.ts";
import { type BenchShop, tillSigner } from "../shop/bench-shop.ts";
import { authorOf, SalesAuthor } from "../shop/sales-author.ts";
import type { LoadClient, LoadDriver, LoadEvents, LoadOrder } from "./load-client.ts";

const messageSync = 0;

/** Tills of ours at the level of frames: runs signed before the clock starts, documents followed. */
export function createDriver({ url, shopFile }: LoadOrder): LoadDriver {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop & { document: string };
  const framesByClient: Uint8Array[][] = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++) {
        const author = await SalesAuthor.open(shop, client);
        const frames: Uint8Array[] = [];
        for (let nth = 0; nth < updatesEach; nth++) frames.push(frameOf(nth, await author.sell()));
        framesByClient.push(frames);
      }
    },
    async connect(client, isObserver, events) {
      const till = shop.devices[client];
      if (!till) throw new Error(`there is no till ${client}`);
      const signer = tillSigner(till);
      const asking = { org: shop.org, device: till.id, signer };
      const tickets = await askTickets(createHttpApi(url), asking, 2);
      if (!tickets.ok) throw new Error(tickets.refusal);
      const [first = "", second = ""] = tickets.value;
      const control = await open(url, authorityDocument, first);
      const journal = await open(url, shop.document, second);
      control.on("message", (data: Buffer) => onSession(data, client, events));
      await follow(journal, shop.document, (data) => {
        if (isObserver) onUpdate(shop.document, data, events);
      });
      return clientOf(control, journal, framesByClient[client] ?? []);
    },
  };
}

function clientOf(
  control: WebSocket,
  journal: WebSocket,
  frames: readonly Uint8Array[],
): LoadClient {
  return {
    send: (nth) => control.send(frames[nth] ?? new Uint8Array()),
    close() {
      control.terminate();
      journal.terminate();
    },
  };
}

function frameOf(nth: number, run: Run): Uint8Array {
  const message: DeviceMessage = {
    type: "submit",
    id: nth,
    run: { ...run, operations: [...run.operations] },
  };
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, sessionMessageType);
  encoding.writeVarUint8Array(encoder, writeMessage(message));
  return encoding.toUint8Array(encoder);
}

function onSession(data: Buffer, client: number, events: LoadEvents): void {
  const decoder = decoding.createDecoder(data);
  if (decoding.readVarUint(decoder) !== sessionMessageType) return;
  const message = readServerMessage(decoding.readVarUint8Array(decoder));
  if (message?.type === "refused") throw new Error(`a run was refused: ${message.code}`);
  if (message?.type === "accepted") events.acknowledged(client, message.id + 1);
}

function onUpdate(document: string, data: Buffer, events: LoadEvents): void {
  const decoder = decoding.createDecoder(data);
  if (decoding.readVarUint(decoder) !== messageSync || decoding.readVarUint(decoder) === 0) return;
  const read = readUpdate(document, decoding.readVarUint8Array(decoder));
  if (!read.ok) throw new Error(read.refusal);
  for (const element of read.value.elements) {
    const author = authorOf(element);
    if (author) events.seen(author.till, author.nth);
  }
}

function open(url: string, name: string, ticket: string): Promise<WebSocket> {
  const address = `${url.replace("http", "ws")}/sync/${encodeURIComponent(name)}?ticket=${ticket}`;
  const socket = new WebSocket(address, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
    socket.once("close", (code) => reject(new Error(`closed: ${code}`)));
  });
}

/** Asks for everything; resolves with the first answer, after which updates come live. */
async function follow(
  socket: WebSocket,
  name: string,
  onFrame: (data: Buffer) => void,
): Promise<void> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageSync);
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint8Array(encoder, writeStateVector(name, 0));
  const answered = new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      resolve();
      onFrame(data);
    });
  });
  socket.send(encoding.toUint8Array(encoder));
  await answered;
}
