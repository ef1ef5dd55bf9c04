import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AddressFacts } from "../../../shared/sync/address.ts";
import { standpointOf, usePermanentAddress } from "../../shop/permanent-address.ts";
import { AddressChoices } from "../../ui/address-choices.tsx";
import { JoinCard } from "../../ui/join-card.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { dayOf } from "../../ui/when.ts";
import { DevicesByAddress } from "./devices-by-address.tsx";
import type { MovingCode } from "./successor.ts";
import { type AskedAddress, useAddressFacts } from "./use-address-facts.ts";

/** Under which address the shop opens the app: chosen once, changed device by device. */
export function AddressPage({
  onBack,
  onMove,
  renderCode,
}: {
  onBack: () => void;
  onMove: () => void;
  renderCode: (made: MovingCode, onAgain: () => void) => ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const asked = useAddressFacts();
  const address = usePermanentAddress();
  const [changing, setChanging] = useState(false);
  const { facts, fault } = asked;
  const origin = facts?.origin ?? address?.origin;
  return (
    <Page title={t("address.title")} onBack={onBack}>
      <Section note={t("address.note")}>
        <Here onMove={onMove} />
      </Section>
      {fault && (
        <Section>
          <Notice
            tone={fault === "no-key" || fault === "other-tab" ? "info" : "bad"}
            live
            action={
              fault === "offline" && (
                <Button size="sm" variant="default" onClick={() => void asked.again()}>
                  {t("common.retry")}
                </Button>
              )
            }
          >
            {fault === "other-tab" ? t("address.otherTab") : t(`address.faults.${fault}`)}
          </Notice>
        </Section>
      )}
      {facts?.trouble.map((what) => (
        <Section key={what}>
          <Notice tone="warning">{t("address.trouble", { what })}</Notice>
        </Section>
      ))}
      {origin !== undefined && (
        <Section title={t("address.now")}>
          <JoinCard
            origin={origin}
            join={facts?.join ?? address?.join}
            fingerprint={facts?.authority?.fingerprint}
          />
        </Section>
      )}
      {facts && origin === undefined && (
        <Choose asked={asked} facts={facts} isChange={false} onDone={() => undefined} />
      )}
      {facts && origin !== undefined && (
        <DevicesByAddress facts={facts} origin={origin} renderCode={renderCode} />
      )}
      {facts && <Certificate facts={facts} />}
      {facts && changing && (
        <Choose asked={asked} facts={facts} isChange onDone={() => setChanging(false)} />
      )}
      {facts && origin !== undefined && !changing && (
        <Button variant="default" fullWidth onClick={() => setChanging(true)}>
          {t("address.change")}
        </Button>
      )}
    </Page>
  );
}

/** Where this very device stands. */
function Here({ onMove }: { onMove: () => void }): ReactNode {
  const { t } = useTranslation();
  const address = usePermanentAddress();
  const { host } = location;
  const move = (
    <Button size="sm" onClick={onMove}>
      {t("address.moveShort")}
    </Button>
  );
  switch (standpointOf(address, location)) {
    case "unchosen":
      return <Notice>{`${t("address.hereUnchosen", { host })} · ${t("address.none")}`}</Notice>;
    case "here":
      return <Notice tone="good">{`${t("address.here")} · ${location.origin}`}</Notice>;
    case "server":
      return <Notice action={move}>{t("address.hereLocal", { host })}</Notice>;
    case "elsewhere":
      return (
        <Notice tone="warning" action={move}>
          {t("address.hereOther", { host })}
        </Notice>
      );
  }
}

function Choose({
  asked,
  facts,
  isChange,
  onDone,
}: {
  asked: AskedAddress;
  facts: AddressFacts;
  isChange: boolean;
  onDone: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { candidates } = facts;
  const [chosen, setChosen] = useState(facts.origin ?? candidates[0]?.origin ?? "");
  const [sure, setSure] = useState(false);
  const submit = async () => {
    if (isChange && !sure) return setSure(true);
    if (await asked.choose(chosen)) onDone();
  };
  return (
    <Section
      title={isChange ? t("address.change") : t("address.choose")}
      note={isChange ? t("address.changeNote") : t("address.chooseNote")}
    >
      <div style={{ display: "grid", gap: 14 }}>
        {candidates.length === 0 && <Notice>{t("address.noCandidates")}</Notice>}
        <AddressChoices
          candidates={candidates}
          chosen={chosen}
          onChoose={(origin) => {
            setSure(false);
            setChosen(origin);
          }}
        />
        <Button
          loading={asked.busy}
          disabled={chosen === "" || chosen === facts.origin}
          onClick={() => void submit()}
        >
          {sure ? t("address.sure") : t("address.use")}
        </Button>
        {isChange && (
          <Button variant="subtle" onClick={onDone}>
            {t("common.cancel")}
          </Button>
        )}
      </div>
    </Section>
  );
}

function Certificate({ facts: { kind, untilMs, authority } }: { facts: AddressFacts }): ReactNode {
  const { t, i18n } = useTranslation();
  if (kind === "off" || untilMs === undefined) return null;
  const date = dayOf(untilMs, i18n.language);
  return (
    <Section title={t("address.certificate")}>
      <Rows>
        <Row
          icon="shield"
          title={kind === "local" ? t("address.untilSelf", { date }) : t("address.until", { date })}
          note={
            authority &&
            t("address.authorityUntil", { date: dayOf(authority.untilMs, i18n.language) })
          }
        />
      </Rows>
    </Section>
  );
}
