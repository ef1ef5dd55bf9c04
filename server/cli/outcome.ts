/** How a command ended; goes over the control socket as it is. */
export interface Outcome {
  exit: ExitCode;
  /** the one document of `--json` */
  json: unknown;
  /** for people */
  text: string;
}

/** 0 done, 1 refused or failed, 2 damage found, 3 bad usage */
export type ExitCode = 0 | 1 | 2 | 3;

export const finished = (json: unknown, text: string): Outcome => ({ exit: 0, json, text });

export const failed = (code: string, text: string, extra: object = {}): Outcome => ({
  exit: 1,
  json: { error: { code, message: text, ...extra } },
  text,
});

export const damaged = (json: unknown, text: string): Outcome => ({ exit: 2, json, text });

export const misused = (text: string): Outcome => ({
  exit: 3,
  json: { error: { code: "usage", message: text } },
  text,
});
