import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";
import type { Shop, ShopIdentity, ShopState } from "./shop.ts";

/** What followers may have the writer do; each is a method of `Shop` that returns a promise. */
export const askable = [
  "spendable",
  "saved",
  "history",
  "recent",
  "imports",
  "notCounted",
  "keptApart",
  "doubtfulDevices",
  "disputedValue",
  "cutOf",
  "summary",
  "perform",
  "requestValue",
  "propose",
  "proposeByCard",
  "importMembers",
] as const satisfies readonly (keyof Shop)[];
export type Askable = (typeof askable)[number];

/** State without what seldom changes. */
export type StateNews = Omit<ShopState, "authority" | "seat"> & { authority?: AuthorityState };

/** Between the tabs of one profile: structured clones over a BroadcastChannel. */
export type TabMessage =
  | { type: "join"; from: string }
  | { type: "writer-here"; enrolled: boolean }
  | {
      type: "snapshot";
      to: string;
      identity: ShopIdentity;
      state: StateNews & { authority: AuthorityState };
      members: MemberView[];
    }
  | { type: "changed"; state: StateNews; members: MemberView[]; gone: string[] }
  | { type: "ask"; from: string; id: number; method: Askable; args: unknown[] }
  | { type: "stop"; from: string; id: number }
  | { type: "progress"; to: string; id: number; done: number; total: number }
  | { type: "answer"; to: string; id: number; value: unknown }
  | { type: "failed"; to: string; id: number; message: string };

/** Messages to every other tab of the profile. */
export interface TabChannel {
  post(message: TabMessage): void;
  subscribe(listener: (message: TabMessage) => void): () => void;
  close(): void;
}
