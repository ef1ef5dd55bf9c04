export type SessionState = "connecting" | "online" | "offline" | "recovering" | "refused";

export interface SessionStatus {
  state: SessionState;
  /** why `refused`, or what went wrong last */
  reason: string | undefined;
  lastContactMs: number | undefined;
  /** documents still being fetched */
  fetching: number;
}
