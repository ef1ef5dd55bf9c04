import { request } from "node:http";
import { buffer } from "node:stream/consumers";

/**
 * Stands in for DNS: every name leads to this machine, and what the server is asked for by name stays in
 * the request.
 * @param onHost hears the name and port that were asked for
 */
export const fetchByName =
  (onHost: (host: string) => void): typeof fetch =>
  async (input, init) => {
    const { host, port, pathname, search } = new URL(String(input));
    onHost(host);
    const body = init?.body === undefined ? undefined : (init.body as string | Uint8Array);
    return new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port,
        path: `${pathname}${search}`,
        method: init?.method,
        headers: { ...(init?.headers as Record<string, string>), host },
      };
      const asked = request(options, async (answer) => {
        const status = answer.statusCode ?? 0;
        const content = status === 204 ? null : await buffer(answer);
        resolve(new Response(content, { status, headers: answer.headers as HeadersInit }));
      });
      asked.on("error", reject);
      asked.end(body);
    });
  };
