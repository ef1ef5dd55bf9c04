/** What may happen, what is likeliest first; each is a file in `docs/runbooks`. */
export const runbookNames = [
  "server-dead",
  "tablet-lost",
  "ransomware",
  "wrong-restore",
  "backup-unreadable",
  "recovery-key-lost",
] as const;
export type RunbookName = (typeof runbookNames)[number];
