import { TextInput } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AddressFacts } from "../../shared/sync/address.ts";
import classes from "./address-choices.module.css";

/** The addresses that a server could be opened at, one of them chosen; another one may be typed. */
export function AddressChoices({
  candidates,
  chosen,
  onChoose,
}: {
  candidates: AddressFacts["candidates"];
  chosen: string;
  onChoose: (origin: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const group = useId();
  const [typing, setTyping] = useState(candidates.length === 0);
  const choice = (origin: string, title: string, note: string) => (
    <label className={classes.choice} key={origin}>
      <input
        type="radio"
        name={group}
        checked={origin === "" ? typing : !typing && origin === chosen}
        onChange={() => {
          setTyping(origin === "");
          onChoose(origin);
        }}
      />
      <span className={classes.text}>
        <span className={classes.origin}>{title}</span>
        <span className="caption">{note}</span>
      </span>
    </label>
  );
  return (
    <fieldset className={classes.set} aria-label={t("address.choose")}>
      <div className={`sheet ${classes.choices}`}>
        {candidates.map(({ origin, kind }) => choice(origin, origin, t(`address.kinds.${kind}`)))}
        {choice("", t("address.other"), t("address.otherHint"))}
      </div>
      {typing && (
        <TextInput
          mt="sm"
          aria-label={t("address.other")}
          value={chosen}
          placeholder="https://"
          autoComplete="off"
          inputMode="url"
          spellCheck={false}
          maxLength={300}
          onChange={(event) => onChoose(event.currentTarget.value.trim())}
        />
      )}
    </fieldset>
  );
}
