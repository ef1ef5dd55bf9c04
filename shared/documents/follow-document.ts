import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep2, messageYjsUpdate } from "y-protocols/sync";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { DocumentName } from "./document-name.ts";
import { readUpdate } from "./update-reader.ts";
import { writeUpdate } from "./update-writer.ts";

const messageSync = 0;
const messageAwareness = 1;
const listenEveryMs = 10_000;
/** A server says something every fifteen seconds. */
const silentLooksMost = 4;

export interface FollowDeps {
  /** `wss://host/sync` */
  socketUrl: string;
  WebSocket: unknown;
  name: DocumentName;
  ticket: string;
  /** what is here already, given to Yjs so that the server sends only what is new */
  load: () => Promise<readonly string[]>;
  /** elements that passed the guard; resolves to false when they must not be kept */
  onElements: (from: number, elements: readonly string[]) => Promise<boolean>;
  onSynced: () => void;
  onForged: (fault: string) => void;
  onClosed: (code: number) => void;
  onOpen?: () => void;
  /** runs later, whatever is done to the clock; gives what calls it off */
  after: (delayMs: number, run: () => void) => () => void;
  /** frames of our own message type, on the socket that carries the session */
  session?: { type: number; onMessage: (bytes: Uint8Array) => void };
}

export interface Following {
  send(bytes: Uint8Array): void;
  close(): void;
}

/**
 * Follows one document with the stock y-websocket provider. Its handler of sync messages is replaced
 * by the guarded reader: Yjs is given only what our own writer wrote again, after it was kept.
 */
export async function followDocument(deps: FollowDeps): Promise<Following> {
  const doc = new Y.Doc();
  let length = await loadInto(doc, deps);
  let closed = false;
  let cancelLook = () => {};
  const provider = new WebsocketProvider(deps.socketUrl, deps.name, doc, {
    connect: false,
    disableBc: true,
    params: { ticket: deps.ticket },
    WebSocketPolyfill: deps.WebSocket as never,
    shouldReconnect: () => false,
  });
  provider.awareness.setLocalState(null);
  const stop = (code: number) => {
    if (closed) return;
    closed = true;
    cancelLook();
    provider.destroy();
    doc.destroy();
    deps.onClosed(code);
  };
  // The provider measures silence by the clock, which somebody may set back.
  let silentLooks = 0;
  const look = () => {
    if (++silentLooks > silentLooksMost) stop(0);
    else cancelLook = deps.after(listenEveryMs, look);
  };
  cancelLook = deps.after(listenEveryMs, look);
  let queue = Promise.resolve();
  const take = async (bytes: Uint8Array, isLast: boolean) => {
    if (closed) return;
    const update = readUpdate(deps.name, bytes);
    if (!update.ok) {
      deps.onForged(update.refusal);
      stop(0);
      return;
    }
    const { from, elements } = update.value;
    const fresh = elements.slice(Math.max(0, length - from));
    if (fresh.length > 0 && from <= length) {
      if (!(await deps.onElements(length, fresh))) {
        stop(0);
        return;
      }
      if (closed) return;
      Y.applyUpdate(doc, writeUpdate(deps.name, length, fresh), provider);
      length += fresh.length;
    }
    if (isLast && !provider.synced) {
      provider.synced = true;
      deps.onSynced();
    }
  };
  provider.messageHandlers[messageSync] = (_encoder, decoder) => {
    const kind = decoding.readVarUint(decoder);
    if (kind !== messageYjsSyncStep2 && kind !== messageYjsUpdate) return;
    const bytes = decoding.readVarUint8Array(decoder).slice();
    queue = queue.then(() => take(bytes, kind === messageYjsSyncStep2)).catch(() => stop(0));
  };
  provider.messageHandlers[messageAwareness] = () => {};
  const { session } = deps;
  if (session)
    provider.messageHandlers[session.type] = (_encoder, decoder) =>
      session.onMessage(decoding.readVarUint8Array(decoder).slice());
  // What has arrived is kept first: it would have to be sent again.
  const stopWhenKept = (code: number) => void queue.then(() => stop(code));
  provider.on("connection-close", (event: { code?: number } | null) =>
    stopWhenKept(event?.code ?? 0),
  );
  provider.on("connection-error", () => stopWhenKept(0));
  provider.on("status", ({ status }: { status: string }) => {
    if (status === "connected") deps.onOpen?.();
  });
  provider.connect();
  const { ws } = provider;
  const read = ws?.onmessage;
  if (ws && read)
    ws.onmessage = (event: { data: unknown }) => {
      silentLooks = 0;
      if (isFrame(event.data, session?.type)) return read.call(ws, event as never);
      deps.onForged("not-a-frame");
      stop(0);
    };
  return {
    send(bytes) {
      const { ws } = provider;
      if (closed || !ws || !session || ws.readyState !== ws.OPEN) return;
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, session.type);
      encoding.writeVarUint8Array(encoder, bytes);
      ws.send(encoding.toUint8Array(encoder));
    },
    close: () => stop(1000),
  };
}

/**
 * Whether the provider can read a frame to its end. What it throws while reading, Node gives to nobody:
 * the process would end.
 */
function isFrame(data: unknown, sessionType: number | undefined): boolean {
  if (typeof data === "string") return false;
  try {
    const decoder = decoding.createDecoder(new Uint8Array(data as ArrayBuffer));
    const type = decoding.readVarUint(decoder);
    if (type === messageSync) decoding.readVarUint(decoder);
    else if (type !== messageAwareness && type !== sessionType) return false;
    decoding.readVarUint8Array(decoder);
    return true;
  } catch {
    return false;
  }
}

async function loadInto(doc: Y.Doc, { name, load }: FollowDeps): Promise<number> {
  const elements = await load();
  if (elements.length > 0) Y.applyUpdate(doc, writeUpdate(name, 0, elements));
  return elements.length;
}
