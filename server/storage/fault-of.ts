import { StoreFault } from "../../shared/replica/ports.ts";
import { errorCode } from "./files.ts";

/** A failed file operation in our words; anything else is given back as it is. */
export function faultOf(error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof StoreFault || code === "") return error;
  const message = error instanceof Error ? error.message : code;
  if (["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) return new StoreFault("full", message);
  if (["EACCES", "EROFS", "EPERM"].includes(code)) return new StoreFault("refused", message);
  return new StoreFault("broken", message);
}
