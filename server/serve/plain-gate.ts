import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ListenOptions } from "../platform.ts";

type Handlers = Pick<ListenOptions, "fetch" | "upgrade">;

/**
 * Once https is on, plain http is for this machine alone: other machines get what they need to trust
 * us, and nothing that could be read or changed on its way.
 */
export function gatePlain({
  site,
  join,
  isItself,
  isHttpsOn,
}: {
  site: Handlers;
  join: Pick<Handlers, "fetch">;
  /** whether a connection from this address comes from the machine itself */
  isItself(address: string): boolean;
  isHttpsOn(): boolean;
}): Handlers {
  const isAdmitted = (address: string) => !isHttpsOn() || isItself(address);
  return {
    fetch: (request, env) =>
      isAdmitted(env.address) ? site.fetch(request, env) : join.fetch(request, env),
    upgrade(request, socket, head) {
      if (isAdmitted(request.socket.remoteAddress ?? "")) site.upgrade(request, socket, head);
      else refuseUpgrade(request, socket);
    },
  };
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  const answer = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  socket.end(answer, () => socket.destroy());
}
