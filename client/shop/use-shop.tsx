import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { assert } from "../../shared/outcome/assert.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";
import { loadNameReadings } from "./name-readings.ts";
import { MemberSearch } from "./search-members.ts";
import type { Shop, ShopState } from "./shop.ts";

interface OpenShop {
  shop: Shop;
  search: MemberSearch;
}

const ShopContext = createContext<OpenShop | undefined>(undefined);

export function ShopProvider({ shop, children }: { shop: Shop; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState<OpenShop>(() => ({ shop, search: new MemberSearch() }));
  if (open.shop !== shop) setOpen({ shop, search: new MemberSearch() });
  useEffect(() => {
    const { search } = open;
    const whenIdle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 300));
    whenIdle(() => {
      loadNameReadings().then(
        (readingsOf) => search.learnReadings(readingsOf),
        () => undefined,
      );
    });
  }, [open]);
  return <ShopContext.Provider value={open}>{children}</ShopContext.Provider>;
}

function useOpenShop(): OpenShop {
  const open = useContext(ShopContext);
  assert(open, "screens of a shop are inside its provider");
  return open;
}

export const useShop = (): Shop => useOpenShop().shop;

export function useShopState(): ShopState {
  const shop = useShop();
  return useSyncExternalStore(shop.subscribe, () => shop.state);
}

export function useMember(id: MemberId): MemberView | undefined {
  const shop = useShop();
  return useSyncExternalStore(shop.subscribe, () => shop.member(id));
}

/** The index, as new as the shop. */
export function useMemberSearch(): MemberSearch {
  const { shop, search } = useOpenShop();
  const { version } = useShopState();
  const [seen, setSeen] = useState<{ search: MemberSearch; version: number }>();
  if (seen?.version !== version || seen.search !== search) {
    search.update(shop.members());
    setSeen({ search, version });
  }
  return search;
}

/**
 * What the shop answers to a question that needs its store; asked again whenever the shop changed.
 * @param key what the question is about: another key forgets the answer
 */
export function useAnswer<Answer>(
  key: string,
  question: (shop: Shop) => Promise<Answer>,
): Answer | undefined {
  const shop = useShop();
  const { version } = useShopState();
  const [answered, setAnswered] = useState<{ key: string; answer: Answer }>();
  const asking = useRef<{ key: string; shop: Shop; again: boolean }>(undefined);
  const latest = useRef(question);
  latest.current = question;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever the shop changed
  useEffect(() => {
    // One at a time: what changes meanwhile is asked for once, when the answer is here.
    const before = asking.current;
    if (before?.key === key && before.shop === shop) {
      before.again = true;
      return;
    }
    const mine = { key, shop, again: true };
    asking.current = mine;
    const isWanted = () => asking.current === mine;
    const ask = async () => {
      while (mine.again && isWanted()) {
        mine.again = false;
        const answer = await latest.current(shop);
        if (isWanted()) setAnswered({ key, answer });
      }
    };
    ask()
      .catch(() => undefined)
      .finally(() => {
        if (isWanted()) asking.current = undefined;
      });
  }, [shop, version, key]);
  useEffect(
    () => () => {
      asking.current = undefined;
    },
    [],
  );
  return answered?.key === key ? answered.answer : undefined;
}
