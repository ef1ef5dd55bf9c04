import { errorCode } from "../storage/files.ts";
import { failed, type Outcome } from "./outcome.ts";

interface Place {
  address?: string;
  port?: number;
}

/** Why an address could not be listened on, in words for whoever starts the server; undefined for anything else. */
export function listenFault(error: unknown): Outcome | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { syscall, address = "", port = 0 } = error as NodeJS.ErrnoException & Place;
  if (syscall !== "listen") return undefined;
  const place = `${address === "::" ? "" : address}:${port}`;
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return failed(
        "address-in-use",
        `Something already listens on ${place}: perhaps this server, see \`youbei status\`. Stop it, or choose another port with YOUBEI_PORT.`,
      );
    case "EACCES":
      return failed(
        "port-not-allowed",
        `This user may not listen on ${place}: choose a port above 1023 with YOUBEI_PORT.`,
      );
    case "EADDRNOTAVAIL":
      return failed(
        "address-not-here",
        `${address} is no address of this machine: choose another with YOUBEI_HOST; 0.0.0.0 are all.`,
      );
    default:
      return undefined;
  }
}
