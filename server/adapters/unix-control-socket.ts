import { createHash } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { ControlSocket } from "../cli/control-socket.ts";
import type { Outcome } from "../cli/outcome.ts";
import { errorCode } from "../storage/files.ts";

/** Paths of sockets are short by nature; a long one moves to the temporary folder. */
const pathLengthMax = 100;
const requestBytesMax = 1024 * 1024;

/** One line of JSON each way, over a socket that only its owner may open. */
export const unixControlSocket: ControlSocket = {
  async serve(dir, answer) {
    const path = await pathOf(dir, true);
    await rm(path, { force: true });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      readLine(socket)
        .then(async (line) => {
          const { command, args } = JSON.parse(line) as { command: string; args: object };
          const outcome = await answer(command, { ...args });
          socket.end(`${JSON.stringify(outcome)}\n`);
        })
        .catch(() => socket.destroy());
    });
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(path, done);
    });
    if (process.platform !== "win32") await chmod(path, 0o600);
    return {
      close: () =>
        new Promise((done) => {
          server.close(() => done());
          for (const socket of sockets) socket.destroy();
        }),
    };
  },

  async ask(dir, command, args) {
    const path = await pathOf(dir, false);
    const socket = connect(path);
    try {
      await new Promise<void>((done, fail) => {
        socket.once("connect", done);
        socket.once("error", fail);
      });
    } catch (error) {
      if (["ENOENT", "ECONNREFUSED", "ENOTSOCK"].includes(errorCode(error))) return undefined;
      throw error;
    }
    socket.write(`${JSON.stringify({ command, args })}\n`);
    try {
      return JSON.parse(await readLine(socket, Number.POSITIVE_INFINITY)) as Outcome;
    } finally {
      socket.destroy();
    }
  },
};

async function pathOf(dir: string, make: boolean): Promise<string> {
  const inside = join(resolve(dir), "control.sock");
  if (process.platform === "win32") return `\\\\.\\pipe\\youbei-${digestOf(inside)}`;
  if (inside.length <= pathLengthMax) return inside;
  const folder = join(tmpdir(), `youbei-${userInfo().uid}-${digestOf(inside)}`);
  if (make) await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, "control.sock");
}

const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

function readLine(socket: Socket, bytesMax = requestBytesMax): Promise<string> {
  return new Promise((resolveLine, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    socket.on("data", (data: Buffer) => {
      parts.push(data);
      length += data.length;
      if (length > bytesMax) reject(new Error("too long"));
      if (data.includes(0x0a))
        resolveLine(Buffer.concat(parts).toString("utf8").split("\n")[0] ?? "");
    });
    socket.on("end", () => reject(new Error("ended early")));
    socket.on("error", reject);
  });
}
