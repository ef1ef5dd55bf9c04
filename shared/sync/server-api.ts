/** The server's HTTP interface as far as devices use it. */
export interface ServerApi {
  /** @param ticket shown where the path is for devices only; used up by that */
  get(path: string, ticket?: string): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  /** Looks where the server is now, before a connection; absent where it can be in one place only. */
  choose?(): Promise<void>;
  /** Keeps where else the server may be from now on, as it told itself. */
  learn?(addresses: readonly string[]): void;
}

export interface ApiAnswer {
  status: number;
  /** parsed JSON */
  body: unknown;
}

/** No answer: the network, or the server, is away. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** `code` of a problem document (RFC 9457), or `unexpected`. */
export function problemCode({ body }: ApiAnswer): string {
  const code = (body as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "unexpected";
}
