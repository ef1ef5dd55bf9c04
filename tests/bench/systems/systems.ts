import { join } from "node:path";
import type { Program } from "./measured-process.ts";

/** Something that is measured: how it is started on a folder, and how it is spoken to. */
export interface System {
  name: string;
  /** what it means by acknowledged */
  acknowledged: string;
  /** kept after `kill -9`, as far as it promises */
  promise: string;
  isKillSafe: boolean;
  program(folder: string, port?: number): Program;
  /** clients at the level of frames, and the peer's ordinary provider */
  drivers: { frames: string; provider?: string };
  /** the module that fetches a whole copy; nothing where copies are not spoken of */
  copier?: string;
  elementsPerOperation: number;
}

const bench = "tests/bench";

export const youbei: System = {
  name: "Youbei",
  acknowledged: "checked, judged, fsynced",
  promise: "everything acknowledged",
  isKillSafe: true,
  program: (folder, port = 0) => ({
    args: ["build/server/main.js", "serve", "--json", "--data", folder, "--port", String(port)],
    env: { YOUBEI_LOG: "error" },
  }),
  drivers: { frames: `${bench}/load/youbei-driver.ts` },
  copier: `${bench}/load/youbei-copy.ts`,
  elementsPerOperation: 2,
};

export const hocuspocus: System = {
  name: "Hocuspocus + SQLite",
  acknowledged: "SyncStatus: applied in memory",
  promise: "what was stored two to ten seconds ago",
  isKillSafe: false,
  program: (folder, port = 0) => ({
    args: [`${bench}/peers/hocuspocus-server.mjs`, join(folder, "hocuspocus.sqlite"), String(port)],
  }),
  drivers: {
    frames: `${bench}/load/hocuspocus-driver.ts`,
    provider: `${bench}/peers/hocuspocus-provider-driver.mjs`,
  },
  copier: `${bench}/peers/hocuspocus-copy.mjs`,
  elementsPerOperation: 1,
};

export const safeHocuspocus: System = {
  ...hocuspocus,
  name: "Hocuspocus, made kill-safe",
  acknowledged: "whole document stored, SQLite synchronous=FULL",
  promise: "everything acknowledged",
  isKillSafe: true,
  program: (folder, port = 0) => ({
    args: [...hocuspocus.program(folder, port).args, "kill-safe"],
  }),
};

export const plain: System = {
  name: "ws + y-leveldb",
  acknowledged: "nothing; the echo stands in",
  promise: "nothing",
  isKillSafe: false,
  program: (folder, port = 0) => ({
    args: [`${bench}/peers/plain-server.mjs`, join(folder, "leveldb"), String(port)],
  }),
  drivers: {
    frames: `${bench}/load/plain-driver.ts`,
    provider: `${bench}/load/plain-provider-driver.ts`,
  },
  copier: `${bench}/load/plain-copy.ts`,
  elementsPerOperation: 1,
};

export const appendLog: System = {
  name: "plain append log",
  acknowledged: "fsynced, nothing checked",
  promise: "everything acknowledged",
  isKillSafe: true,
  program: (folder) => ({
    args: [`${bench}/peers/append-log-server.mjs`, join(folder, "log")],
  }),
  drivers: { frames: `${bench}/load/append-log-driver.ts` },
  elementsPerOperation: 1,
};
