import { useSyncExternalStore } from "react";

const query = () => window.matchMedia("(pointer: coarse)");

/** Whether fingers are the main way in: then keys are on the screen and the system's keyboard stays away. */
export const useTouch = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      const media = query();
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => query().matches,
  );

export type Width = "phone" | "tablet" | "desktop";

const tablet = () => window.matchMedia("(min-width: 760px)");
const desktop = () => window.matchMedia("(min-width: 1120px)");

/** phone: one column; tablet: list and member; desktop: navigation at the side besides */
export const useWidth = (): Width =>
  useSyncExternalStore(
    (listener) => {
      const medias = [tablet(), desktop()];
      for (const media of medias) media.addEventListener("change", listener);
      return () => {
        for (const media of medias) media.removeEventListener("change", listener);
      };
    },
    () => (desktop().matches ? "desktop" : tablet().matches ? "tablet" : "phone"),
  );
