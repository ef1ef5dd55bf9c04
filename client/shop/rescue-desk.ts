import { sealForRecovery } from "../../shared/access/recovery-age.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import { type Result, refuse } from "../../shared/outcome/result.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import {
  linesOf,
  type RescueProgress,
  readRescue,
  rescueSourceOf,
  writeRescue,
} from "../../shared/replica/rescue-file.ts";
import {
  type RescueFault,
  type RescueReport,
  takeRescue,
} from "../../shared/replica/take-rescue.ts";
import type { RescueDesk } from "./shop.ts";

/** Characters that are kept as text before they become a part of the file, which may lie on disk. */
const partLengthMax = 4 * 1024 * 1024;

export function createRescueDesk(replica: DeviceReplica, clock: Clock): RescueDesk {
  return {
    async save({ onProgress, shouldStop }) {
      const source = rescueSourceOf(replica, clock.nowMs());
      const seal = (text: string) => sealForRecovery(source.authority.recovery.encrypt, text);
      const parts: Blob[] = [];
      let text = "";
      let operations = 0;
      const told = (progress: RescueProgress) => {
        operations = progress.done;
        onProgress?.(progress);
      };
      for await (const line of writeRescue(source, seal, told)) {
        if (shouldStop?.()) return undefined;
        text += line;
        if (text.length < partLengthMax) continue;
        parts.push(new Blob([text]));
        text = "";
        await breathe();
      }
      return { file: new Blob([...parts, text], { type: "text/plain" }), operations };
    },
    async take(
      file,
      watching,
    ): Promise<Result<RescueReport, RescueFault | "store-full" | "failed">> {
      try {
        return await takeRescue(replica, readRescue(linesOf(textsOf(file))), watching);
      } catch (fault) {
        return refuse(
          fault instanceof StoreFault && fault.reason === "full" ? "store-full" : "failed",
        );
      }
    },
  };
}

/** Lets the screen draw between two parts. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

async function* textsOf(file: Blob): AsyncGenerator<string> {
  const reader = file.stream().getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    yield decoder.decode(value, { stream: true });
  }
  yield decoder.decode();
}
