/** Eight bytes a line: read aloud, compared with a finger. */
export const fingerprintLines = (fingerprint: string): string[] =>
  fingerprint.match(/(?:[0-9A-F]{2}:?){1,8}/g)?.map((line) => line.replace(/:$/, "")) ?? [];
