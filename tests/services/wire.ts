import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./free-port.ts";

/** A stretch of network before a server: it counts what passes, and can be cut. */
export interface Wire {
  port: number;
  /** bytes from clients to the server */
  sentBytes(): number;
  /** connections from clients so far */
  connections(): number;
  /** What is open breaks off; nobody answers any more. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function openWire(toPort: number): Promise<Wire> {
  let [sent, connections] = [0, 0];
  const sockets = new Set<Socket>();
  const join = (client: Socket) => {
    connections++;
    const server = connect(toPort, "127.0.0.1");
    client.on("data", (bytes) => {
      sent += bytes.length;
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  };
  const port = await freePort();
  let listener: Server | undefined = await listen(port, join);
  return {
    port,
    sentBytes: () => sent,
    connections: () => connections,
    async cut() {
      const closing = listener;
      listener = undefined;
      for (const socket of sockets) socket.resetAndDestroy();
      await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
    },
    async mend() {
      listener ??= await listen(port, join);
    },
  };
}

function listen(port: number, join: (client: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(join);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Whether somebody answers on a port. */
export const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
