import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ShopState } from "../shop/shop.ts";
import { useShopState } from "../shop/use-shop.tsx";
import { SidePanel } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import classes from "./shell.module.css";
import { StatusPanel } from "./status-panel.tsx";

/** Online, offline, how much is not sent yet: in words, and all the rest behind a tap. */
export function StatusButton(): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const state = useShopState();
  const [open, setOpen] = useState(false);
  const { link, unsent } = state;
  const isStopped = link.state === "refused" && link.reason === "not-admitted";
  const second =
    unsent > 0
      ? t("header.unsent", { n: unsent })
      : link.state === "online"
        ? link.fetching
          ? t("header.fetching")
          : t("header.allSent")
        : isStopped
          ? tell("identity.stopped")
          : t("header.offlineUsable");
  const words = `${t(`header.${link.state}`)}, ${second}`;
  return (
    <>
      <button
        type="button"
        className={classes.chip}
        data-tone={toneOf(state)}
        aria-label={t("header.status", { words })}
        onClick={() => setOpen(true)}
      >
        <Icon name={link.state === "online" ? "online" : "offline"} size={22} />
        <span className={classes.words} role="status">
          <span>{t(`header.${link.state}`)}</span>
          <span>{second}</span>
        </span>
      </button>
      <SidePanel opened={open} onClose={() => setOpen(false)} title={t("status.title")}>
        <StatusPanel />
      </SidePanel>
    </>
  );
}

function toneOf({ link, unsent }: ShopState): "good" | "away" | "bad" {
  if (link.state === "refused") return "bad";
  return link.state === "online" && unsent === 0 ? "good" : "away";
}
