import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../services/free-port.ts";

/** A network cable between one device and the server that can be pulled and put back. */
export interface Cable {
  /** the device's own way to the server; stays the same, so that its storage does too */
  url: string;
  cut(): Promise<void>;
  plug(): Promise<void>;
}

export async function layCable(serverUrl: string): Promise<Cable> {
  const target = Number(new URL(serverUrl).port);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const port = await freePort();
  const plug = async () => {
    if (server) return;
    server = createServer((near) => {
      const far = connect(target, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = async () => {
    const ending = server;
    server = undefined;
    if (!ending) return;
    ending.close();
    for (const socket of sockets) socket.destroy();
    await once(ending, "close");
  };
  await plug();
  return { url: `http://localhost:${port}`, cut, plug };
}
