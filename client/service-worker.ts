import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[];
};

/** What the server answers itself; everything else that is navigated to is the app. */
const serverPaths = [/^\/(?:api|sync|join)(?:[/?]|$)/, /^\/(?:healthz|readyz|metrics)$/];

cleanupOutdatedCaches();
precacheAndRoute([...self.__WB_MANIFEST]);
registerRoute(
  new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: serverPaths }),
);

// A new version waits until the person at the till says so: nothing may reload in the middle of a sale.
self.addEventListener("message", (event) => {
  if ((event.data as { type?: unknown } | null)?.type === "SKIP_WAITING") void self.skipWaiting();
});

// The page of the very first visit was loaded from the network; claimed, it works offline from then on.
self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});
