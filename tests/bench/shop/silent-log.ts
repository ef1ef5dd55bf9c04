import type { Log } from "../../../server/data/log.ts";

/** For folders that are only prepared; what a measured server logs goes to its own stderr. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
