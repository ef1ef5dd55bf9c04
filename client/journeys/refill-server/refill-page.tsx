import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  keepRefill,
  keptRefill,
  type RefillDesk,
  type RefillFault,
  type RefillOffer,
  readPlace,
  refillDesk,
} from "../../shop/refill.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Money } from "../../ui/money.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Filling } from "./filling.tsx";
import classes from "./refill-page.module.css";

/** The server is gone: this device makes a new one the shop's, and gives it everything. */
export function RefillPage({
  onBack,
  onDone,
  onMove,
}: {
  onBack: () => void;
  onDone: () => void;
  onMove: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const [kept] = useState(keptRefill);
  const [offer, setOffer] = useState<RefillOffer>();
  const desk = refillDesk();
  return (
    <Page title={tell("refill.title")} onBack={onBack}>
      {!desk && <Notice>{tell("refill.otherTab")}</Notice>}
      {desk && kept && <Filling desk={desk} place={kept} onDone={onDone} onMove={onMove} />}
      {desk && !kept && !offer && <Ask desk={desk} onOffer={setOffer} />}
      {desk && !kept && offer && (
        <Confirm desk={desk} offer={offer} onBack={() => setOffer(undefined)} />
      )}
    </Page>
  );
}

/** Which server, and the card; nothing is told to anybody yet. */
function Ask({
  desk,
  onOffer,
}: {
  desk: RefillDesk;
  onOffer: (offer: RefillOffer) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [address, setAddress] = useState(location.origin);
  const [code, setCode] = useState(decodeURIComponent(location.hash.slice(1)));
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<RefillFault>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const place = readPlace(address, code);
    if (!place.ok) return setFault(place.refusal);
    setBusy(true);
    setFault(undefined);
    const greeted = await desk.greet(place.value, words);
    setBusy(false);
    if (greeted.ok) onOffer(greeted.value);
    else setFault(greeted.refusal);
  };
  return (
    <Section note={tell("refill.note")}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <TextInput
          label={tell("refill.address")}
          description={tell("refill.addressHint")}
          inputMode="url"
          autoComplete="off"
          value={address}
          onChange={(event) => {
            setFault(undefined);
            setAddress(event.currentTarget.value.slice(0, 300));
          }}
        />
        <TextInput
          label={tell("refill.code")}
          description={tell("refill.codeHint")}
          autoCapitalize="characters"
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={(event) => {
            setFault(undefined);
            setCode(event.currentTarget.value.slice(0, 64));
          }}
        />
        <Textarea
          label={t("enrol.words")}
          description={tell("refill.wordsHint")}
          autosize
          minRows={2}
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={(event) => {
            setFault(undefined);
            setWords(event.currentTarget.value.slice(0, 400));
          }}
        />
        <Fault fault={fault} />
        <Button type="submit" size="xl" loading={busy}>
          {t("common.next")}
        </Button>
      </form>
    </Section>
  );
}

/** What it is about to be given, once more before it is done. */
function Confirm({
  desk,
  offer,
  onBack,
}: {
  desk: RefillDesk;
  offer: RefillOffer;
  onBack: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<RefillFault>();
  const [figures] = useState(() => desk.figures());
  const go = async () => {
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    const refilled = await desk.refill(offer);
    if (!refilled.ok) {
      setBusy(false);
      return setFault(refilled.refusal);
    }
    keepRefill(offer);
    // The connection is made anew, to where the server is now.
    history.replaceState(null, "", location.pathname);
    location.reload();
  };
  return (
    <Section>
      <div className={`sheet ${classes.card}`}>
        <h2 className={classes.heading}>
          {tell("refill.sure", { shop: authority.name, host: new URL(offer.address).host })}
        </h2>
        <dl className={classes.figures}>
          <dt>{tell("refill.members")}</dt>
          <dd className="num">{figures.members}</dd>
          <dt>{tell("refill.operations")}</dt>
          <dd className="num">{figures.operations}</dd>
          <dt>{tell("refill.owed")}</dt>
          <dd>
            <Money fen={figures.principal + figures.bonus} />
          </dd>
        </dl>
        <p className="soft">{tell("refill.sureNote")}</p>
      </div>
      <Fault fault={fault} />
      <Button size="xl" loading={busy} onClick={() => void go()}>
        {tell("refill.go")}
      </Button>
      <Button variant="subtle" disabled={busy} onClick={onBack}>
        {t("common.back")}
      </Button>
    </Section>
  );
}

function Fault({ fault }: { fault: RefillFault | undefined }): ReactNode {
  const { t: tell } = useTranslation("safety");
  return (
    fault && (
      <Notice tone="bad" live>
        {tell(`refill.faults.${fault}`)}
      </Notice>
    )
  );
}
