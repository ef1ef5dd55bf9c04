import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { effort } from "../harness/effort.ts";
import { act } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

const payloadBytes = 5_000_000;
const cuts = effort(8, 24);
/** Of what there is to send; what a cut leaves half-sent is sent again. */
const bytesFactorMax = 1.3;
const frameBytesMax = 1024 * 1024;
const transferMsMax = 60_000;

type Direction = "up" | "down";

/** A line to the server that carries so many bytes one way, then breaks, and can be mended. */
interface BreakingLine {
  url: string;
  /** carried in all, bytes */
  carried: Record<Direction, number>;
  broken: number;
  breakAfter(bytes: number, direction: Direction): void;
}

async function layBreakingLine(serverUrl: string): Promise<BreakingLine> {
  const target = Number(new URL(serverUrl).port);
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let left: Record<Direction, number> = { up: Infinity, down: Infinity };
  const line = { url: "", carried: { up: 0, down: 0 }, broken: 0 };
  const snap = () => {
    left = { up: Infinity, down: Infinity };
    line.broken++;
    // What was carried arrives; nothing else ever does.
    for (const { near, far } of pairs) for (const end of [near, far]) end.end().unref();
    for (const { near, far } of pairs)
      for (const end of [near, far]) end.removeAllListeners("data");
    pairs.clear();
  };
  const carry = (from: Socket, to: Socket, direction: Direction) => {
    from.on("data", (bytes: Buffer) => {
      const part = bytes.subarray(0, left[direction]);
      line.carried[direction] += part.length;
      left[direction] -= part.length;
      if (!to.write(part)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
      if (left[direction] <= 0) snap();
    });
    from.on("error", () => to.destroy());
    from.on("close", () => to.end());
  };
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    pairs.add({ near, far });
    carry(near, far, "up");
    carry(far, near, "down");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(async () => {
    server.close();
    for (const { near, far } of pairs) for (const end of [near, far]) end.destroy();
  });
  const address = server.address();
  line.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return Object.assign(line, {
    breakAfter(bytes: number, direction: Direction) {
      left = { up: Infinity, down: Infinity, [direction]: bytes };
    },
  });
}

/** The stock socket, which tells how large its frames are. */
function measuring(platform: ServerPlatform, frames: number[]): ServerPlatform {
  class MeasuringSocket extends WebSocket {
    constructor(address: string) {
      super(address);
      this.on("message", (data: Buffer | ArrayBuffer) => frames.push(data.byteLength));
    }

    override send(data: Uint8Array, ...rest: unknown[]): void {
      frames.push(data.byteLength);
      super.send(data, ...(rest as []));
    }
  }
  return { ...platform, WebSocket: MeasuringSocket };
}

/** Sales with long item names, so that five megabytes are few operations; nothing that packs well. */
async function sellMuch(server: FoundedServer, { replica }: HeadlessReplica): Promise<void> {
  const owner = [...replica.authority.staff.keys()][0] ?? "";
  const bytes = async () =>
    (await replica.runsFrom(replica.chain, 0, 1000))
      .flatMap(({ operations }) => operations)
      .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  while ((await bytes()) < payloadBytes) {
    const items = Array.from({ length: 150 }, () => ({
      name: String.fromCodePoint(
        ...new Uint16Array(server.platform.random.bytes(140).buffer).map(
          (code) => 0x4e00 + (code % 20_000),
        ),
      ),
      quantity: 1,
      list: 100,
      discount: 0,
    }));
    const tenders = [{ tender: "cash" as const, amount: 15_000 }];
    for (let nth = 0; nth < 10; nth++)
      await act(replica, { command: "RecordSale", items, tenders }, owner);
  }
}

/** Breaks the line at random places, each time somewhat later, until everything is there. */
async function transfer(
  line: BreakingLine,
  direction: Direction,
  { session, isDone }: { session: () => DeviceSession; isDone: () => boolean },
): Promise<void> {
  const distance = () => Math.ceil((Math.random() * 2 * payloadBytes) / (cuts + 1));
  const before = line.broken;
  let seen = before;
  line.breakAfter(distance(), direction);
  session();
  await eventually(
    () => {
      if (line.broken > seen && line.broken < before + cuts) line.breakAfter(distance(), direction);
      seen = line.broken;
      return isDone();
    },
    `everything is ${direction}`,
    transferMsMax,
  );
}

const isSame = (one: DeviceReplica, server: FoundedServer) =>
  one.summary().hash === summarise(server.data.relay.ledger).hash;

test("five megabytes go up and come down over a line that breaks: each goes on from where it stood", {
  timeout: 180_000,
}, async () => {
  const server = await startFoundedServer(await scratchFolder());
  const frames: number[] = [];
  const platform = measuring(server.platform, frames);
  const upLine = await layBreakingLine(server.url);
  const till = await joinDevice(platform, upLine.url, server.ownerCode, "前台");
  await sellMuch(server, till);
  upLine.carried.up = 0;
  let session: DeviceSession | undefined;
  await transfer(upLine, "up", {
    session: () => {
      session = till.connect();
      return session;
    },
    isDone: () => till.replica.unsent() === 0 && isSame(till.replica, server),
  });
  const invited = await doCommand(server.platform, till, { command: "InviteDevice" }, { session });
  const code = invited.ok && "code" in invited.value ? invited.value.code : "";
  session?.close();

  const downLine = await layBreakingLine(server.url);
  const tablet = await joinDevice(platform, downLine.url, code, "平板");
  downLine.carried.down = 0;
  await transfer(downLine, "down", {
    session: () => tablet.connect(),
    isDone: () => isSame(tablet.replica, server),
  });
  const up = upLine.carried.up / payloadBytes;
  const down = downLine.carried.down / payloadBytes;
  process.stdout.write(
    `5 MB over a line that broke ${upLine.broken} and ${downLine.broken} times: ` +
      `${up.toFixed(2)}× up, ${down.toFixed(2)}× down, largest frame ${Math.max(...frames)} bytes\n`,
  );
  expect(Math.min(upLine.broken, downLine.broken)).toBeGreaterThan(2);
  expect(up).toBeLessThan(bytesFactorMax);
  expect(down).toBeLessThan(bytesFactorMax);
  expect(Math.max(...frames)).toBeLessThanOrEqual(frameBytesMax);
});
