import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";

export interface HttpServerOptions {
  host: string;
  port: number;
  /** PEM of certificate chain and key; plain http without */
  tls?: { cert: string; key: string } | undefined;
  fetch(request: Request, env: { address: string }): Response | Promise<Response>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpServer {
  /** `http://127.0.0.1:8787` */
  url: string;
  port: number;
  /** Takes no more connections and lets the present requests finish. */
  close(): Promise<void>;
}

const headersMs = 10_000;
const requestMs = 60_000;
const connectionsMax = 5000;

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, tls } = options;
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
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
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
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${tls ? "https" : "http"}://${shownHost}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 3000).unref();
      }),
  };
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
