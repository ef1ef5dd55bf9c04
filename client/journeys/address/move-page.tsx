import { Button, CopyButton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { roleNow } from "../../../shared/access/authority-state.ts";
import { rememberMoving } from "../../shop/moving.ts";
import { type PermanentAddress, usePermanentAddress } from "../../shop/permanent-address.ts";
import { useUnprovedCard } from "../../shop/unproved-card.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import classes from "./move-page.module.css";
import { useReach } from "./reach.ts";
import { useMovingCode } from "./use-moving-code.ts";

/**
 * This device joins anew at the shop's address, as its own successor. Nothing here is given up before
 * the successor is there; every step is read off the world, so it can be broken off and begun again.
 */
export function MovePage({
  onBack,
  onCard,
}: {
  onBack: () => void;
  onCard: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const address = usePermanentAddress();
  if (!address || address.origin === location.origin)
    return (
      <Page title={t("address.moving.title")} onBack={onBack}>
        <Notice tone="good">{address ? t("address.here") : t("address.none")}</Notice>
      </Page>
    );
  return (
    <Page title={t("address.moving.title")} onBack={onBack}>
      <Section note={t("address.moving.note")}>
        <p className={classes.way}>
          <span>{t("address.moving.from", { host: location.host })}</span>
          <Icon name="next" size={20} />
          <strong>{t("address.moving.to", { host: new URL(address.origin).host })}</strong>
        </p>
      </Section>
      <Section>
        <Steps address={address} onCard={onCard} />
      </Section>
    </Page>
  );
}

function Steps({
  address: { origin, join },
  onCard,
}: {
  address: PermanentAddress;
  onCard: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { link, unsent } = useShopState();
  const card = useUnprovedCard();
  const { reach, again } = useReach(origin);
  const isProved = card.entropy === undefined;
  const isSent = link.state === "online" && unsent === 0 && !link.fetching;
  return (
    <ol className={`sheet ${classes.steps}`}>
      {!isProved && (
        <Step
          state="open"
          title={t("address.moving.card")}
          note={t("address.moving.cardNote")}
          action={
            <Button size="sm" onClick={onCard}>
              {t("address.moving.cardGo")}
            </Button>
          }
        />
      )}
      <Step
        state={reach === "yes" ? "done" : "open"}
        title={t("address.moving.reach")}
        note={
          reach === "yes"
            ? undefined
            : reach === "no"
              ? t("address.moving.reachNote")
              : t("address.moving.reaching")
        }
        action={
          reach === "no" && (
            <>
              {join && (
                <Button size="sm" component="a" href={join} target="_blank" rel="noreferrer">
                  {t("address.moving.reachGo")}
                </Button>
              )}
              <Button size="sm" variant="default" onClick={again}>
                {t("common.retry")}
              </Button>
            </>
          )
        }
      />
      <Step
        state={isSent ? "done" : "open"}
        title={t("address.moving.sent")}
        note={
          isSent
            ? undefined
            : link.state === "online"
              ? t("address.moving.sentNote", { n: unsent })
              : t("address.moving.sentOffline")
        }
      />
      <CodeStep origin={origin} isReady={isProved && reach === "yes" && isSent} />
    </ol>
  );
}

function CodeStep({ origin, isReady }: { origin: string; isReady: boolean }): ReactNode {
  const { t } = useTranslation();
  const { identity } = useShop();
  const { authority } = useShopState();
  const making = useMovingCode();
  const own = authority.devices.get(identity.device);
  const isOwners = roleNow(authority.staff.get(identity.staff ?? "")) === "owner";
  const setOut = () => rememberMoving({ device: identity.device, origin });
  if (!isReady || !own) return <Step state="later" title={t("address.moving.code")} />;
  if (!isOwners)
    return (
      <Step
        state="open"
        title={t("address.moving.code")}
        note={`${t("address.moving.ask", { name: own.name })} ${t("address.moving.codeNote")}`}
        action={
          <Button
            component="a"
            href={`${origin}/pair`}
            target="_blank"
            rel="noreferrer"
            onClick={setOut}
          >
            {t("address.moving.goBare")}
          </Button>
        }
      />
    );
  const { made } = making;
  if (!made)
    return (
      <Step
        state="open"
        title={t("address.moving.code")}
        note={t("address.moving.codeNote")}
        action={
          <>
            {making.fault && (
              <Notice tone="bad" live>
                {t(`settings.faults.${making.fault}`)}
              </Notice>
            )}
            <Button loading={making.busy} onClick={() => void making.make(own)}>
              {t("address.moving.code")}
            </Button>
          </>
        }
      />
    );
  const link = `${origin}/pair#${made.code}`;
  return (
    <Step
      state="open"
      title={t("address.moving.go")}
      note={t("address.moving.wait")}
      action={
        <>
          <p className={`num ${classes.code}`}>{made.code}</p>
          <Button component="a" href={link} target="_blank" rel="noreferrer" onClick={setOut}>
            {t("address.moving.go")}
          </Button>
          <CopyButton value={link}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                onClick={() => {
                  setOut();
                  copy();
                }}
              >
                {copied ? t("common.copied") : t("notPossible.copyAddress")}
              </Button>
            )}
          </CopyButton>
          <p className="caption">
            {t("settings.devices.expires", {
              minutes: Math.max(1, Math.ceil((made.expiresMs - Date.now()) / 60_000)),
            })}
          </p>
        </>
      }
    />
  );
}

function Step({
  state,
  title,
  note,
  action,
}: {
  state: "done" | "open" | "later";
  title: string;
  note?: ReactNode;
  action?: ReactNode;
}): ReactNode {
  return (
    <li className={classes.step} data-state={state}>
      <span className={classes.mark}>{state === "done" && <Icon name="check" size={18} />}</span>
      <div className={classes.body}>
        <span className={classes.title}>{title}</span>
        {note && <span className="caption">{note}</span>}
        {action && <div className={classes.action}>{action}</div>}
      </div>
    </li>
  );
}
