/** RFC 9457 problem documents; `code` is for programs, `title` and `detail` are for people. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail?: string;
  [extra: string]: unknown;
}

const titles: Readonly<Record<string, [status: number, title: string]>> = {
  malformed: [400, "The request cannot be read"],
  "not-accepted": [403, "The code or key is not accepted"],
  "too-many-tries": [429, "Too many tries: wait a minute"],
  "already-founded": [409, "This server already has an organisation"],
  "not-founded": [409, "This server has no organisation yet"],
  "not-recovering": [409, "This server is not being recovered"],
  "not-next": [409, "Another entry came first"],
  "cut-differs": [409, "The replaced device's operations have grown since"],
  "clock-differs": [409, "This device's clock is wrong: set it, and try again"],
  "settings-invalid": [400, "Something is missing in the settings, or cannot be read"],
  "name-taken": [409, "There is a place of that name already"],
  "no-such-target": [404, "There is no such place"],
  "invitation-expired": [403, "The invitation has expired"],
  "origin-invalid": [400, "That is no https address"],
  "not-covered": [409, "This server's certificate cannot cover that address"],
  "https-failed": [503, "The server cannot serve https: its log says why"],
  standby: [503, "This is a standby: it is not promoted, and takes nothing"],
  "https-only": [403, "Other machines are answered over https only"],
  "not-found": [404, "There is nothing here"],
  "too-large": [413, "The request is too large"],
  "store-full": [507, "The server's disk is full"],
  "store-refused": [503, "The server may not write to its disk"],
  "store-broken": [503, "The server's disk does not work"],
  unexpected: [500, "The server made a mistake"],
};

function problemOf(code: string, extra: Readonly<Record<string, unknown>> = {}): Problem {
  const [status, title] = titles[code] ?? [code.startsWith("store-") ? 503 : 403, code];
  return { type: `about:blank#${code}`, status, title, code, ...extra };
}

export const problemResponse = (
  code: string,
  extra: Readonly<Record<string, unknown>> = {},
): Response => {
  const problem = problemOf(code, extra);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
};
