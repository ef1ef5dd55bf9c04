import { Workbox } from "workbox-window";

const lookEveryMs = 60 * 60 * 1000;

/**
 * Registers the service worker after the page has loaded and looks for new versions now and then.
 * @param onWaiting a new version is here; calling its argument switches over and loads the page again
 * @returns how to look now
 */
export function followUpdates(onWaiting: (take: () => void) => void): () => Promise<void> {
  if (!("serviceWorker" in navigator)) return async () => undefined;
  const workbox = new Workbox("/service-worker.js", { updateViaCache: "none" });
  workbox.addEventListener("waiting", () =>
    onWaiting(() => {
      workbox.addEventListener("controlling", () => location.reload());
      workbox.messageSkipWaiting();
    }),
  );
  const look = () => workbox.update().catch(() => undefined);
  workbox.register().catch(() => undefined);
  setInterval(() => void look(), lookEveryMs);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void look();
  });
  return look;
}
