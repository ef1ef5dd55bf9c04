import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { type ActWords, actWords } from "../../shop/act-words.ts";
import type { Shop } from "../../shop/shop.ts";
import { useShop } from "../../shop/use-shop.tsx";

type Restoring = Extract<ActWords, { is: "restore" | "undo-restore" }>;

/** What would be done, line by line, in the reader's language. */
export function useActLines(): (text: string) => string[] {
  const { t: tell } = useTranslation("safety");
  const shop = useShop();
  return (text) => {
    const words = actWords(text);
    switch (words.is) {
      case "restore":
      case "undo-restore":
        return restoringLines(tell, words, shop);
      case "target":
        return [tell(`approvals.words.target.${words.how}`, { what: words.what })];
      case "prune":
        return [
          tell("approvals.words.prune", { place: words.place, n: words.count, days: words.days }),
        ];
      case "other":
        return [words.text];
    }
  };
}

function restoringLines(tell: TFunction<"safety">, words: Restoring, shop: Shop): string[] {
  const { is, when, scope, members, given, taken, reason } = words;
  const whose =
    scope.is === "member"
      ? tell("approvals.words.member", {
          name: shop.member(scope.id)?.fields["name"] ?? scope.id,
        })
      : scope.is === "store"
        ? scope.name
        : tell("approvals.words.all");
  const isSame = [given, taken].every((yuan) => Number(yuan.replaceAll(",", "")) === 0);
  return [
    tell(`approvals.words.${is}`, { when, whose }),
    isSame
      ? tell("approvals.words.sameBalances", { n: members })
      : tell("approvals.words.balances", { n: members, given, taken }),
    ...(reason === "" ? [] : [tell("approvals.words.reason", { reason })]),
  ];
}
