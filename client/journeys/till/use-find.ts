import { useEffect, useState } from "react";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import type { Found } from "../../shop/search-members.ts";
import { useMemberSearch } from "../../shop/use-shop.tsx";

export interface Find {
  typed: string;
  found: Found;
  /** which hit the arrow keys are at; -1 for none */
  at: number;
  type(text: string): void;
  /** one key more, however fast they come */
  append(key: string): void;
  backspace(): void;
  move(step: 1 | -1): void;
  /** what Enter opens: the hit that the arrows chose, or the only one; otherwise it is marked */
  enter(): MemberView | undefined;
}

const hitsShownMax = 60;
/** A person who goes on typing a longer number must not be taken away at its fourth digit. */
const openAfterMs = 450;
const openLateMs = 1000;

/** The one search box: what is typed, who fits, and who opens by itself. */
export function useFind(onOpen: (member: MemberView) => void): Find {
  const search = useMemberSearch();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(-1);
  const found = search.find(typed, hitsShownMax);
  const sure = found.hits.filter((hit) => hit.sure);
  const only = /^\d{4,}$/.test(typed.trim()) && sure.length === 1 ? sure[0]?.member : undefined;
  const onlyId = only?.id;
  const startsLikePhone = /^1[3-9]\d\d$/.test(typed.trim());
  // biome-ignore lint/correctness/useExhaustiveDependencies: opens once for what was typed
  useEffect(() => {
    if (!only) return;
    const timer = setTimeout(() => onOpen(only), startsLikePhone ? openLateMs : openAfterMs);
    return () => clearTimeout(timer);
  }, [typed, onlyId]);
  return {
    typed,
    found,
    at,
    type(text) {
      setTyped(text.slice(0, 60));
      setAt(-1);
    },
    append(key) {
      setTyped((before) => (before + key).slice(0, 60));
      setAt(-1);
    },
    backspace() {
      setTyped((before) => before.slice(0, -1));
      setAt(-1);
    },
    move(step) {
      const last = found.hits.length - 1;
      setAt((now) => Math.max(-1, Math.min(last, now + step)));
    },
    enter() {
      const chosen = found.hits[at]?.member;
      if (chosen) return chosen;
      const exact = search.exactly(typed);
      if (exact) return exact;
      if (found.hits.length === 1 || sure.length === 1) return (sure[0] ?? found.hits[0])?.member;
      if (found.hits.length > 1) setAt(0);
      return undefined;
    },
  };
}
