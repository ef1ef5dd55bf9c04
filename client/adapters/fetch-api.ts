import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

const answerMsMax = 20_000;

/** The server that served this page. Whatever keeps an answer away is one thing: unreachable. */
export function createFetchApi(origin: string): ServerApi {
  const ask = async (path: string, init: RequestInit) => {
    try {
      const answer = await fetch(new URL(path, origin), {
        ...init,
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(answerMsMax),
      });
      const text = await answer.text();
      return { status: answer.status, body: parsed(text) };
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
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
