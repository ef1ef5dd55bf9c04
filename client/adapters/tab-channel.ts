import type { TabChannel, TabMessage } from "../shop/following-messages.ts";

/** Tabs of one profile talk here; messages are structured clones and never leave the browser. */
export function openTabChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    subscribe(listener) {
      const take = (event: MessageEvent) => listener(event.data as TabMessage);
      channel.addEventListener("message", take);
      return () => channel.removeEventListener("message", take);
    },
    close: () => channel.close(),
  };
}
