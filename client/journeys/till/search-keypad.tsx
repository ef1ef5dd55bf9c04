import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Keypad } from "../../ui/keypad.tsx";
import type { Find } from "./use-find.ts";

/** The keys of the search: where the amount is typed afterwards, so that the hand stays. */
export function SearchKeypad({
  find,
  onEnter,
  onLetters,
}: {
  find: Find;
  onEnter: () => void;
  /** names need the system's keyboard */
  onLetters: () => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Keypad
      onKey={find.append}
      onBackspace={find.backspace}
      onClear={() => find.type("")}
      corner={{ label: t("keypad.letters"), name: t("keypad.lettersName"), press: onLetters }}
      action={{
        label: t("keypad.open"),
        name: t("keypad.open"),
        disabled: find.found.hits.length === 0,
        press: onEnter,
      }}
    />
  );
}
