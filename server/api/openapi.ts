import * as z from "zod/mini";
import { safetyFacts } from "../../shared/safety/safety-facts.ts";
import { targetAnswers } from "../../shared/safety/target-answers.ts";
import { requests } from "./read-request.ts";

type Method = "get" | "post";

interface Described {
  method: Method;
  path: string;
  summary: string;
  query?: readonly string[];
  request?: keyof typeof requests;
  answer: Readonly<Record<string, unknown>>;
  problems?: readonly string[];
}

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const texts = { type: "array", items: text };
const heads = {
  type: "array",
  description: "chain, sequence of its next operation, chain hash",
  items: { type: "array", prefixItems: [text, count, text] },
};
const objectOf = (properties: Readonly<Record<string, unknown>>) => ({
  type: "object",
  properties,
});

/** `AddressFacts` */
const address = objectOf({
  origin: text,
  join: text,
  kind: { enum: ["off", "local", "own"] },
  untilMs: count,
  authority: objectOf({ subject: text, fingerprint: text, untilMs: count }),
  trouble: texts,
  candidates: {
    type: "array",
    items: objectOf({ origin: text, kind: { enum: ["address", "vpn", "local-name", "name"] } }),
  },
  devices: { type: "object", additionalProperties: text },
});
const addressProblems = [
  "malformed",
  "too-many-tries",
  "origin-invalid",
  "not-covered",
  "https-failed",
];

const described: readonly Described[] = [
  {
    method: "get",
    path: "/healthz",
    summary: "The process is alive",
    answer: text,
  },
  {
    method: "get",
    path: "/readyz",
    summary: "The server accepts operations; 503 or 507 while its disk does not",
    answer: objectOf({ ready: { type: "boolean" }, mode: text }),
    problems: ["store-full", "store-refused", "store-broken"],
  },
  {
    method: "get",
    path: "/api/v1/organisation",
    summary: "What this server serves",
    answer: objectOf({
      mode: { enum: ["new", "ready", "recovering", "superseded", "standby"] },
      org: text,
      name: text,
      term: count,
      timeZone: text,
      /** the address under which devices open the app, once it was chosen */
      origin: text,
      /** where a device gets the certificate that it must trust first */
      join: text,
      /** where else devices may look for this shop's server */
      addresses: texts,
      version: text,
      nowMs: count,
    }),
  },
  {
    method: "get",
    path: "/api/v1/setup/address",
    summary: "Addresses under which devices could open the app, for who has the set-up code",
    query: ["code"],
    answer: address,
    problems: ["not-accepted", "already-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/setup/address",
    summary: "Chooses the permanent address before the organisation is founded",
    request: "setupAddress",
    answer: address,
    problems: ["not-accepted", "already-founded", ...addressProblems],
  },
  {
    method: "post",
    path: "/api/v1/address",
    summary:
      "The address of the app, for the owner's key; chooses another one where `origin` is given",
    request: "address",
    answer: address,
    problems: ["not-accepted", "not-founded", ...addressProblems],
  },
  {
    method: "get",
    path: "/api/v1/setup",
    summary: "The new server's identity, for who has the set-up code from its terminal",
    query: ["code"],
    answer: objectOf({ server: objectOf({ device: text, key: text }) }),
    problems: ["not-accepted", "already-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/setup",
    summary: "Founds the organisation: the first entries of its authority log",
    request: "setup",
    answer: objectOf({ head: text }),
    problems: ["malformed", "not-accepted", "already-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/refill/greet",
    summary: "A new server's identity, proved with the code that it shows; from any page",
    request: "refillGreet",
    answer: objectOf({ server: objectOf({ device: text, key: text }), proof: text }),
    problems: ["malformed", "already-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/refill/authority",
    summary: "A shop's authority log, ending with the term that makes this new server its own",
    request: "refillAuthority",
    answer: objectOf({ term: count }),
    problems: ["malformed", "not-accepted", "already-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/refill/standing",
    summary: "How far a server is that is being refilled, for who has its code; fen",
    request: "refillStanding",
    answer: objectOf({
      operations: count,
      state: objectOf({
        hash: text,
        members: count,
        operations: count,
        principal: { type: "integer" },
        bonus: { type: "integer" },
      }),
    }),
    problems: ["malformed", "not-accepted", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/challenge",
    summary: "A challenge to sign; good once, for a minute",
    answer: objectOf({ challenge: text }),
  },
  {
    method: "post",
    path: "/api/v1/tickets",
    summary: "Tickets for /sync/<document>?ticket=…, each good for one socket within a minute",
    request: "tickets",
    answer: objectOf({ tickets: texts, term: count }),
    problems: ["malformed", "not-accepted", "not-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/authority/read",
    summary: "The authority log, for an open invitation, the recovery key or an active device",
    request: "readAuthority",
    answer: objectOf({ entries: texts, heads }),
    problems: ["malformed", "not-accepted", "not-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/authority/entries",
    summary: "Appends the next entry; 409 with what is newer when another came first",
    request: "appendAuthority",
    answer: objectOf({ head: text }),
    problems: ["malformed", "not-next", "cut-differs", "invitation-expired", "not-entitled"],
  },
  {
    method: "post",
    path: "/api/v1/authority/compare",
    summary: "Of the heads of somebody's authority log, how many are known here and how many held",
    request: "compareAuthority",
    answer: objectOf({ known: count, held: count, open: { type: "boolean" } }),
    problems: ["malformed", "not-accepted", "not-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/authority/tail",
    summary:
      "Entries that this server lost, or that its recovery left behind; signed by the entitled",
    request: "tailOfAuthority",
    answer: objectOf({ head: text }),
    problems: ["malformed", "not-founded", "not-entitled", "too-many", "too-many-tries"],
  },
  {
    method: "get",
    path: "/api/v1/recovery",
    summary: "Proof that a recovering server was started with the recovery key",
    query: ["nonce", "org"],
    answer: objectOf({ proof: text }),
    problems: ["not-recovering", "malformed", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/recovery/authority",
    summary: "A device's authority log, which a recovering server takes over",
    request: "recoveryAuthority",
    answer: objectOf({ term: count }),
    problems: ["not-recovering", "malformed", "not-accepted"],
  },
  {
    method: "get",
    path: "/api/v1/safety",
    summary:
      "Every copy of the records and what would be lost, for a device of owner or manager with a ticket as bearer",
    answer: z.toJSONSchema(safetyFacts),
    problems: ["not-accepted", "not-founded", "not-entitled", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/targets",
    summary:
      "Places of backups: told, tried, added and removed by approval; for a device that holds an owner's or manager's key, over https",
    request: "targets",
    answer: { anyOf: Object.values(targetAnswers).map((answer) => z.toJSONSchema(answer)) },
    problems: [
      "malformed",
      "settings-invalid",
      "https-only",
      "not-accepted",
      "not-founded",
      "not-entitled",
      "name-taken",
      "no-such-target",
      "too-many-tries",
    ],
  },
  {
    method: "post",
    path: "/api/v1/leftovers",
    summary: "Runs that a replaced or frozen device still has: kept, not counted beyond its cut",
    request: "leftovers",
    answer: objectOf({ answers: texts, heads: { type: "array" } }),
    problems: ["malformed", "not-accepted", "not-founded", "too-many-tries"],
  },
  {
    method: "post",
    path: "/api/v1/successor",
    summary: "The log in which the recovery key closes this server: it takes nothing more",
    request: "successor",
    answer: objectOf({ term: count }),
    problems: ["malformed", "not-accepted", "not-founded", "too-many-tries"],
  },
];

/** The interface as an OpenAPI 3.1 document. */
export function openApi(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of described)
    paths[one.path] = { ...paths[one.path], [one.method]: operation(one) };
  return {
    openapi: "3.1.0",
    info: { title: "有备 Youbei", version },
    paths,
    components: {
      schemas: {
        Problem: objectOf({ type: text, title: text, status: count, detail: text, code: text }),
      },
    },
  };
}

function operation({ summary, query, request, answer, problems }: Described) {
  const problem = {
    description: `A problem document (RFC 9457); code: ${(problems ?? []).join(", ")}`,
    content: {
      "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
    },
  };
  return {
    summary,
    ...(query
      ? { parameters: query.map((name) => ({ name, in: "query", required: true, schema: text })) }
      : {}),
    ...(request
      ? {
          requestBody: {
            required: true,
            content: { "application/json": { schema: z.toJSONSchema(requests[request]) } },
          },
        }
      : {}),
    responses: {
      200: { description: summary, content: { "application/json": { schema: answer } } },
      ...(problems ? { default: problem } : {}),
    },
  };
}
