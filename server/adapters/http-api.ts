import { type ApiAnswer, type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

const waitMs = 15_000;

/** A server's HTTP interface by its address, `https://host:port`. */
export function createHttpApi(address: string): ServerApi {
  const base = address.replace(/\/+$/, "");
  const ask = async (path: string, init: RequestInit): Promise<ApiAnswer> => {
    try {
      const answer = await fetch(`${base}${path}`, {
        ...init,
        signal: AbortSignal.timeout(waitMs),
      });
      const text = await answer.text();
      return { status: answer.status, body: parsed(text) };
    } catch (fault) {
      throw new Unreachable(`${base} does not answer: ${String(fault)}`);
    }
  };
  return {
    get: (path, ticket) =>
      ask(path, ticket === undefined ? {} : { headers: { authorization: `Bearer ${ticket}` } }),
    post: (path, body) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
