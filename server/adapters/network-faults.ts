import { TargetFault, type TargetFaultCode } from "../backups/target.ts";
import { errorCode } from "../storage/files.ts";

/** What TLS says when it does not know who the server is. */
const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

const unreachable = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "ENOTFOUND"],
  ...["EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EPROTO"],
  ...["UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"],
  ...["UND_ERR_BODY_TIMEOUT", "ERR_STREAM_PREMATURE_CLOSE", "HPE_INVALID_CONSTANT"],
]);

/** A failed connection in our words; undefined when the error says nothing about a network. */
export function networkFaultOf(error: unknown): TargetFault | undefined {
  const seen = chainOf(error);
  const message = seen.map((each) => each.message).join(": ");
  const fault = (code: TargetFaultCode) => new TargetFault(code, message, { cause: error });
  if (seen.some(({ name }) => name === "AbortError")) return fault("cancelled");
  const codes = seen.map(errorCode);
  if (codes.some((code) => untrusted.has(code))) return fault("untrusted-certificate");
  const isUnreachable = codes.some((code) => unreachable.has(code)) || seen.some(isFailedFetch);
  return isUnreachable ? fault("unreachable") : undefined;
}

/** An error, what caused it, and what caused that. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause)
    chain.push(each, ...(each instanceof AggregateError ? each.errors.filter(isError) : []));
  return chain;
}

/** What `fetch` says of every connection that did not come about, a port that it never asks included. */
const isFailedFetch = ({ name, message }: Error): boolean =>
  name === "TypeError" && message === "fetch failed";

const isError = (value: unknown): value is Error => value instanceof Error;

const codesByStatus: Readonly<Record<number, TargetFaultCode>> = {
  401: "wrong-credentials",
  404: "not-there",
  408: "unreachable",
  413: "too-large",
  429: "busy",
  503: "busy",
  507: "full",
};

/** What an HTTP server answered, in our words. */
export function statusFaultOf(status: number, message: string, cause: unknown): TargetFault {
  const code = codesByStatus[status] ?? (status >= 500 ? "unreachable" : "refused");
  return new TargetFault(code, message, { cause });
}
