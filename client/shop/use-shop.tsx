import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the question
  useEffect(() => {
    let wanted = true;
    question(shop).then(
      (answer) => wanted && setAnswered({ key, answer }),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [shop, version, key]);
  return answered?.key === key ? answered.answer : undefined;
}
