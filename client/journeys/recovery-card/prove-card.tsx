import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/notice.tsx";

/** Asks for two of the twelve, in either spelling. */
export function ProveCard({
  zh,
  en,
  onProved,
  onBack,
}: {
  zh: readonly string[];
  en: readonly string[];
  onProved: () => void;
  onBack: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [asked] = useState(() => twoOf(zh.length));
  const [typed, setTyped] = useState(["", ""]);
  const [wrong, setWrong] = useState(false);
  const prove = (event: FormEvent) => {
    event.preventDefault();
    const right = asked.every((index, at) => {
      const word = (typed[at] ?? "").normalize("NFKC").trim().toLowerCase();
      return word !== "" && (word === zh[index] || word === en[index]);
    });
    if (right) onProved();
    else setWrong(true);
  };
  return (
    <form onSubmit={prove} style={{ display: "grid", gap: 18 }} noValidate>
      {asked.map((index, at) => (
        <TextInput
          key={index}
          label={t("card.nth", { n: index + 1 })}
          value={typed[at] ?? ""}
          autoFocus={at === 0}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setWrong(false);
            setTyped((before) => before.map((word, each) => (each === at ? value : word)));
          }}
        />
      ))}
      {wrong && (
        <Notice tone="bad" live>
          {t("card.wrong")}
        </Notice>
      )}
      <Button type="submit" size="xl">
        {t("card.prove")}
      </Button>
      <Button variant="subtle" onClick={onBack}>
        {t("card.again")}
      </Button>
    </form>
  );
}

function twoOf(count: number): [number, number] {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
  const first = a % count;
  const second = (first + 1 + (b % (count - 1))) % count;
  return first < second ? [first, second] : [second, first];
}
