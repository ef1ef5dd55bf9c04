import { assert } from "../../shared/outcome/assert.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";
import type { Askable, StateNews, TabChannel, TabMessage } from "./following-messages.ts";
import type { ImportWatching, Shop, ShopState } from "./shop.ts";

interface Question {
  answer(value: unknown): void;
  fail(error: Error): void;
  watching?: ImportWatching | undefined;
}

/**
 * The shop as another tab of this profile knows it. Resolves once the writing tab has answered;
 * everything that is asked goes there and comes back, so nothing is written twice.
 * @param self a name for this tab that no other tab has
 */
export async function followShop(channel: TabChannel, self: string): Promise<Shop> {
  const questions = new Map<number, Question>();
  const listeners = new Set<() => void>();
  const members = new Map<string, MemberView>();
  let shown: (TabMessage & { type: "snapshot" }) | undefined;
  let state: ShopState | undefined;
  let lastQuestion = 0;

  const take = (message: TabMessage) => {
    if ("to" in message && message.to !== self) return;
    switch (message.type) {
      case "snapshot":
        shown = message;
        members.clear();
        for (const member of message.members) members.set(member.id, member);
        state = { ...message.state, seat: "follower" };
        break;
      case "changed":
        if (!state) return;
        for (const member of message.members) members.set(member.id, member);
        for (const id of message.gone) members.delete(id);
        state = { ...withNews(state, message.state), seat: "follower" };
        break;
      case "writer-here":
        // Another tab took over: what was asked of the old one may or may not have been done.
        for (const question of questions.values()) question.fail(new WriterChanged());
        questions.clear();
        if (message.enrolled) channel.post({ type: "join", from: self });
        return;
      case "answer":
        questions.get(message.id)?.answer(message.value);
        questions.delete(message.id);
        return;
      case "failed":
        questions.get(message.id)?.fail(new Error(message.message));
        questions.delete(message.id);
        return;
      case "progress":
        tellProgress(message);
        return;
      default:
        return;
    }
    for (const listener of listeners) listener();
  };
  const tellProgress = ({ id, done, total }: TabMessage & { type: "progress" }) => {
    const watching = questions.get(id)?.watching;
    watching?.onProgress?.({ done, total });
    if (watching?.shouldStop?.()) channel.post({ type: "stop", from: self, id });
  };
  const ask = <Value>(method: Askable, args: unknown[], watching?: ImportWatching) =>
    new Promise<Value>((resolve, fail) => {
      const id = ++lastQuestion;
      const answer = resolve as (value: unknown) => void;
      questions.set(id, { answer, fail, watching });
      channel.post({ type: "ask", from: self, id, method, args });
    });

  const stop = channel.subscribe(take);
  channel.post({ type: "join", from: self });
  await new Promise<void>((ready) => {
    const listener = () => {
      listeners.delete(listener);
      ready();
    };
    if (state) ready();
    else listeners.add(listener);
  });
  assert(shown && state, "a follower starts from a snapshot");
  const { identity } = shown;
  return {
    identity,
    rescue: undefined,
    get state() {
      return state as ShopState;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    member: (id) => members.get(id),
    members: () => members.values(),
    spendable: (...args) => ask("spendable", args),
    saved: (...args) => ask("saved", args),
    history: (...args) => ask("history", args),
    recent: (...args) => ask("recent", args),
    imports: (...args) => ask("imports", args),
    notCounted: (...args) => ask("notCounted", args),
    keptApart: (...args) => ask("keptApart", args),
    doubtfulDevices: (...args) => ask("doubtfulDevices", args),
    disputedValue: (...args) => ask("disputedValue", args),
    cutOf: (...args) => ask("cutOf", args),
    summary: (...args) => ask("summary", args),
    perform: (...args) => ask("perform", args),
    requestValue: (...args) => ask("requestValue", args),
    propose: (...args) => ask("propose", args),
    proposeByCard: (...args) => ask("proposeByCard", args),
    importMembers: (plan, sources, staff, watching) =>
      ask("importMembers", [plan, sources, staff], watching),
    async close() {
      stop();
      for (const question of questions.values()) question.fail(new WriterChanged());
      questions.clear();
    },
  };
}

/** The writing tab was closed while it was asked something; look whether it was done, then try again. */
export class WriterChanged extends Error {
  override name = "WriterChanged";
}

const withNews = (state: ShopState, news: StateNews): Omit<ShopState, "seat"> => ({
  ...news,
  authority: news.authority ?? state.authority,
});
