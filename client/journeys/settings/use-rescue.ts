import { useEffect, useRef, useState } from "react";
import type { RescueProgress } from "../../../shared/replica/rescue-file.ts";
import type { RescueFault, RescueReport } from "../../../shared/replica/take-rescue.ts";
import type { RescueDesk } from "../../shop/shop.ts";
import { downloadFile } from "../../ui/download.ts";

type Stage =
  | { state: "idle" | "saving" | "taking" | "stopped" | "save-failed" }
  | { state: "saved"; operations: number; bytes: number }
  | { state: "taken"; report: RescueReport }
  | { state: "failed"; fault: Exclude<RescueFault, "cancelled"> | "store-full" | "failed" };

export type RescueWork = Stage & { progress: RescueProgress };

const nothing: RescueProgress = { done: 0, total: 0 };

/** One file at a time is written or taken; leaving the page stops it. */
export function useRescue(desk: RescueDesk | undefined) {
  const [work, setWork] = useState<RescueWork>({ state: "idle", progress: nothing });
  const stopping = useRef(false);
  const stop = () => {
    stopping.current = true;
  };
  useEffect(
    () => () => {
      stopping.current = true;
    },
    [],
  );
  const begin = (state: "saving" | "taking") => {
    stopping.current = false;
    setWork({ state, progress: nothing });
    return {
      shouldStop: () => stopping.current,
      onProgress: (progress: RescueProgress) => setWork({ state, progress }),
    };
  };
  const end = (stage: Stage) => setWork({ ...stage, progress: nothing });
  return {
    work,
    stop,
    async save() {
      if (!desk) return;
      try {
        const saved = await desk.save(begin("saving"));
        if (!saved) return end({ state: "stopped" });
        const day = new Date().toISOString().slice(0, 10);
        downloadFile(`youbei-${day}.youbei-rescue`, saved.file);
        end({ state: "saved", operations: saved.operations, bytes: saved.file.size });
      } catch {
        end({ state: "save-failed" });
      }
    },
    async take(file: File) {
      if (!desk) return;
      const taken = await desk.take(file, begin("taking"));
      if (taken.ok) end({ state: "taken", report: taken.value });
      else if (taken.refusal === "cancelled") end({ state: "stopped" });
      else end({ state: "failed", fault: taken.refusal });
    },
  };
}
