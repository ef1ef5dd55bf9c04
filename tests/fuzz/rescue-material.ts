import { rescueSourceOfRelay } from "../../server/recovery/save-rescue.ts";
import type { Files } from "../../server/storage/files.ts";
import { sealForRecovery } from "../../shared/access/recovery-age.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import { writeRescue } from "../../shared/replica/rescue-file.ts";
import type { VictimServer } from "./victim-server.ts";

/** A line as it should be, whatever it says: anybody can make the sum. */
export function rescueLine(content: unknown): string {
  const json = typeof content === "string" ? content : JSON.stringify(content);
  return `${hashText(json).slice(0, 16)} ${json}\n`;
}

/** What a line says; undefined for one without a sum. */
export const contentOf = (line: string): string => line.slice(17).replace(/\n$/, "");

/** Seals for the owner's card, as anybody can who knows the authority log. */
export const sealForCard = ({ relay }: VictimServer, text: string): Promise<string> =>
  sealForRecovery(relay.ledger.log.recovery.encrypt, text);

/** The lines of an honest rescue file of everything that a server holds. */
export async function rescueLines(victim: VictimServer): Promise<string[]> {
  const source = rescueSourceOfRelay(victim.relay, victim.clock.nowMs());
  const lines: string[] = [];
  for await (const line of writeRescue(source, (text) => sealForCard(victim, text)))
    lines.push(line);
  return lines;
}

/** A disk on which there are just these files, by name. */
export function filesOf(texts: Readonly<Record<string, string>>): Files {
  const bytesOf = (path: string) => new TextEncoder().encode(texts[path] ?? "");
  return {
    open: async (path: string) => {
      const bytes = bytesOf(path);
      return {
        size: async () => bytes.length,
        read: async (into: Uint8Array, position: number) => {
          const part = bytes.subarray(position, position + into.length);
          into.set(part);
          return part.length;
        },
        close: async () => {},
      };
    },
  } as unknown as Files;
}

/** Text in pieces of any size, as a disk gives it. */
export async function* inPieces(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}
