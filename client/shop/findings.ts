import type { ServerFinding } from "../../shared/replica/server-watch.ts";
import type { IdentityTrouble } from "../../shared/replica/standing.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import { lostChangesOf } from "./lost-changes.ts";
import type { Renewal, ShopIdentity, ShopState } from "./shop.ts";

/** What a device noticed that everybody at it should know. */
export type Finding =
  /** another identity is waiting: this page only has to be opened anew */
  | { kind: "renewed" }
  | { kind: "in-doubt"; why: IdentityTrouble }
  /** somebody goes on in this device's place; `copy` when it was its own copy */
  | { kind: "succeeded"; isCopy: boolean; unsent: number }
  /** the server says so, and shows nothing that proves it */
  | { kind: "not-admitted"; unsent: number }
  /** a recovery of the server left its enrolment behind */
  | { kind: "awaiting-owner"; unsent: number }
  | { kind: "server"; finding: ServerFinding }
  /** changes of rights that a recovery of the server left behind */
  | { kind: "lost-changes"; count: number }
  /** it goes on under a new identity; what the old one holds is frozen */
  | { kind: "frozen"; renewal: Renewal | undefined }
  | { kind: "missing"; missing: readonly Missing[] }
  | { kind: "damaged" }
  /** what was damaged is here again */
  | { kind: "whole" }
  /** the server had gone back, and is again as it was */
  | { kind: "server-mended"; finding: ServerFinding };

/** Everything that is the matter with this device's identity, storage and server, the gravest first. */
export function findingsOf(
  state: Pick<
    ShopState,
    | "authority"
    | "complete"
    | "damaged"
    | "link"
    | "missing"
    | "renewed"
    | "serverFinding"
    | "trouble"
    | "unsent"
  >,
  identity: ShopIdentity,
): Finding[] {
  const found: Finding[] = [];
  const { serverFinding, missing } = state;
  const standing = standingOf(state, identity);
  if (standing) found.push(standing);
  if (serverFinding && !serverFinding.isMended)
    found.push({ kind: "server", finding: serverFinding });
  if (!standing && isPurseFrozen(state, identity))
    found.push({ kind: "frozen", renewal: identity.renewal });
  const count = lostChangesOf(state.authority).flatMap(({ changes }) => changes).length;
  if (count > 0) found.push({ kind: "lost-changes", count });
  const isHere = isEverythingHere(state);
  const isDamaged = state.damaged.length > 0;
  // While documents are still being fetched, what they bring is not missing.
  if (isDamaged && !isHere) found.push({ kind: "damaged" });
  else if (missing.length > 0 && isFetched(state)) found.push({ kind: "missing", missing });
  if (isDamaged && isHere) found.push({ kind: "whole" });
  if (serverFinding?.isMended) found.push({ kind: "server-mended", finding: serverFinding });
  return found;
}

/** The same as long as it is the same finding. */
export const findingKey = (finding: Finding): string =>
  finding.kind === "server" || finding.kind === "server-mended"
    ? `${finding.kind} ${finding.finding.sinceMs}`
    : finding.kind;

function standingOf(
  { authority, link, renewed, trouble, unsent }: Parameters<typeof findingsOf>[0],
  { device }: ShopIdentity,
): Finding | undefined {
  if (renewed) return { kind: "renewed" };
  const closed = authority.devices.get(device)?.closed;
  const heir = authority.devices.get(closed?.by ?? "");
  // An enrolment settles what it replaces; a copy that went on by itself does not.
  if (closed && heir)
    return { kind: "succeeded", isCopy: closed.settledSince !== heir.since, unsent };
  // The server shows a device that was replaced not even the log that says so.
  if (link.state === "refused" && link.reason === "not-admitted")
    return { kind: "not-admitted", unsent };
  if (link.state === "refused" && link.reason === "awaiting-owner")
    return { kind: "awaiting-owner", unsent };
  return trouble && { kind: "in-doubt", why: trouble };
}

function isPurseFrozen(
  { authority }: Pick<ShopState, "authority">,
  { device }: ShopIdentity,
): boolean {
  const before = authority.devices.get(authority.devices.get(device)?.replaces ?? "")?.closed;
  return before?.by === device && before.settledSince === undefined;
}

const isFetched = ({ link }: Pick<ShopState, "link">): boolean =>
  link.state !== "connecting" && !link.fetching;

const isEverythingHere = ({
  link,
  missing,
  complete,
}: Pick<ShopState, "link" | "missing" | "complete">): boolean =>
  link.state === "online" && !link.fetching && missing.length === 0 && complete;
