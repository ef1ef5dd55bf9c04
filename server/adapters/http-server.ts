import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Listening, ListenOptions } from "../platform.ts";

const headersMs = 10_000;
const requestMs = 60_000;
const connectionsMax = 5000;

export async function startHttpServer(options: ListenOptions): Promise<Listening> {
  let { host, tls } = options;
  let server = serverOf(options);
  /** what listens no more and may still have connections */
  const retired: { each: Server; gone: Promise<void> }[] = [];
  await listen(server, options.port, host);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://${shown(host)}:${port}`,
    port,
    renew(fresh) {
      tls = fresh;
      for (const each of [server, ...retired.map((old) => old.each)])
        if (each instanceof SecureServer) each.setSecureContext(fresh);
    },
    async widen(wider) {
      retired.push({ each: server, gone: closed(server) });
      try {
        server = serverOf({ ...options, tls });
        await listen(server, port, wider);
        host = wider;
      } catch (error) {
        server = serverOf({ ...options, tls });
        await listen(server, port, host);
        throw error;
      }
    },
    async close() {
      const all = [{ each: server, gone: closed(server) }, ...retired];
      for (const { each } of all) each.closeIdleConnections();
      setTimeout(() => {
        for (const { each } of all) each.closeAllConnections();
      }, 3000).unref();
      await Promise.all(all.map(({ gone }) => gone));
    },
  };
}

/** Resolves when a server that listens no more has no connections left. */
const closed = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
  });

const shown = (host: string | undefined): string => {
  if (host === undefined) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
};

function serverOf(options: ListenOptions): Server {
  const listener = getRequestListener(
    (request, { incoming }) =>
      options.fetch(request, {
        address: (incoming as IncomingMessage).socket.remoteAddress ?? "",
      }),
    { overrideGlobalObjects: false },
  );
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.on("error", () => response.destroy());
    response.on("error", () => response.destroy());
    if (isReadable(request.url ?? "")) return void listener(request, response);
    response.writeHead(400, { "content-type": "application/problem+json" });
    response.end('{"status":400,"code":"malformed","title":"The address cannot be read"}');
  };
  const server = options.tls ? createSecureServer(options.tls, answer) : createServer(answer);
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxConnections = connectionsMax;
  server.on("clientError", (_error, socket) => {
    const answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    if (socket.writable) socket.end(answer, () => socket.destroy());
    else socket.destroy();
  });
  server.on("upgrade", (request, socket, head) => {
    if (isReadable(request.url ?? "")) return options.upgrade(request, socket, head);
    socket.on("error", () => socket.destroy());
    const answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    socket.end(answer, () => socket.destroy());
  });
  return server;
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** `/%` and its like would throw later, in code that does not expect it. */
function isReadable(url: string): boolean {
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "");
    return url.startsWith("/") && URL.canParse(url, "http://localhost");
  } catch {
    return false;
  }
}
