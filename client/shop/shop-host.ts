import type { MemberView } from "../../shared/replica/member-view.ts";
import { askable, type StateNews, type TabChannel, type TabMessage } from "./following-messages.ts";
import type { ImportSources, ImportWatching, Shop } from "./shop.ts";

/** Lets the other tabs of this profile follow the shop that this tab writes. */
export function hostFollowers(shop: Shop, channel: TabChannel): () => void {
  let shown = new Map<string, MemberView>();
  let authorityShown = "";
  let followed = false;
  let waiting = false;
  const stopping = new Set<string>();

  const newsOf = (whole: boolean): StateNews => {
    const { authority, seat: _, ...state } = shop.state;
    const changed = whole || authority.lastHash !== authorityShown;
    authorityShown = authority.lastHash;
    return changed ? { ...state, authority } : state;
  };
  const tellChanges = () => {
    waiting = false;
    const before = shown;
    shown = new Map([...shop.members()].map((member) => [member.id, member]));
    channel.post({
      type: "changed",
      state: newsOf(false),
      members: [...shown.values()].filter((member) => before.get(member.id) !== member),
      gone: [...before.keys()].filter((id) => !shown.has(id)),
    });
  };
  const welcome = (to: string) => {
    followed = true;
    shown = new Map([...shop.members()].map((member) => [member.id, member]));
    const state = { ...newsOf(true), authority: shop.state.authority };
    channel.post({
      type: "snapshot",
      to,
      identity: shop.identity,
      state,
      members: [...shown.values()],
    });
  };
  const answer = async ({ from: to, id, method, args }: TabMessage & { type: "ask" }) => {
    if (!askable.includes(method)) return;
    try {
      const value =
        method === "importMembers"
          ? await importFor(to, id, args as Parameters<typeof importFor>[2])
          : await (shop[method] as (...given: unknown[]) => Promise<unknown>)(...args);
      channel.post({ type: "answer", to, id, value });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      channel.post({ type: "failed", to, id, message });
    }
  };
  const importFor = (to: string, id: number, args: unknown[]) => {
    const [plan, sources, staff] = args as Parameters<Shop["importMembers"]>;
    const watching: ImportWatching = {
      onProgress: ({ done, total }) => channel.post({ type: "progress", to, id, done, total }),
      shouldStop: () => stopping.has(`${to} ${id}`),
    };
    return shop.importMembers(plan, sources as ImportSources[], staff, watching);
  };

  const unsubscribe = [
    shop.subscribe(() => {
      if (!followed || waiting) return;
      waiting = true;
      queueMicrotask(tellChanges);
    }),
    channel.subscribe((message) => {
      if (message.type === "join") welcome(message.from);
      if (message.type === "ask") void answer(message);
      if (message.type === "stop") stopping.add(`${message.from} ${message.id}`);
    }),
  ];
  channel.post({ type: "writer-here", enrolled: true });
  return () => {
    for (const stop of unsubscribe) stop();
  };
}
