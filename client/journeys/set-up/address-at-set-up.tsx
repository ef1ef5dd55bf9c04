import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { readPairingCode } from "../../../shared/access/pairing-code.ts";
import type { AddressFacts } from "../../../shared/sync/address.ts";
import type { AddressFault } from "../../shop/choose-address.ts";
import type { Entrance } from "../../shop/entrance.ts";
import { isThisComputer, lookAtAddress } from "../../shop/permanent-address.ts";
import { AddressChoices } from "../../ui/address-choices.tsx";
import { JoinCard } from "../../ui/join-card.tsx";
import { Notice } from "../../ui/notice.tsx";

/**
 * Under which address tablets and phones will open the app; shown once the set-up code is whole, for
 * the server tells its addresses to nobody else. What is founded here belongs to this page's address.
 */
export function AddressAtSetUp({
  entrance,
  setupCode,
}: {
  entrance: Entrance;
  setupCode: string;
}): ReactNode {
  const { t } = useTranslation();
  const [facts, setFacts] = useState<AddressFacts>();
  const [chosen, setChosen] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<AddressFault>();
  const code = readPairingCode(setupCode);
  useEffect(() => {
    if (code === undefined) return;
    let isHere = true;
    entrance
      .address(code)()
      .then(
        (answer) => {
          if (!isHere || !answer.ok) return;
          setFacts(answer.value);
          setChosen(proposedIn(answer.value));
        },
        () => undefined,
      );
    return () => {
      isHere = false;
    };
  }, [entrance, code]);
  if (code === undefined || !facts) return null;
  const use = async () => {
    setBusy(true);
    const answer = await entrance.address(code)(chosen);
    setBusy(false);
    setFault(answer.ok ? undefined : answer.refusal);
    if (!answer.ok) return;
    setFacts(answer.value);
    await lookAtAddress();
  };
  const { origin, join, authority, candidates } = facts;
  return (
    <section style={{ display: "grid", gap: 12 }} aria-label={t("address.setUpTitle")}>
      <div>
        <h2 style={{ margin: "0 0 4px", fontSize: "1.0625rem", fontWeight: 650 }}>
          {t("address.setUpTitle")}
        </h2>
        <p className="soft" style={{ margin: 0, lineHeight: 1.6 }}>
          {t("address.setUpNote")}
        </p>
      </div>
      {origin === undefined ? (
        <>
          {candidates.length === 0 && <Notice>{t("address.noCandidates")}</Notice>}
          <AddressChoices candidates={candidates} chosen={chosen} onChoose={setChosen} />
          <Button
            variant="default"
            loading={busy}
            disabled={chosen === ""}
            onClick={() => void use()}
          >
            {t("address.use")}
          </Button>
        </>
      ) : (
        <JoinCard origin={origin} join={join} fingerprint={authority?.fingerprint} />
      )}
      {fault && (
        <Notice tone="bad" live>
          {t(`address.faults.${fault}`)}
        </Notice>
      )}
      {origin !== location.origin && isThisComputer(location.hostname) && (
        <Notice
          action={
            origin !== undefined && (
              <Button size="sm" variant="default" component="a" href={`${origin}/#${code}`}>
                {t("address.setUpThere", { host: new URL(origin).host })}
              </Button>
            )
          }
        >
          {t("address.setUpLocal", { host: location.host })}
        </Notice>
      )}
    </section>
  );
}

/** Where this page is already, if the server knows the place; else the most useful one. */
const proposedIn = ({ candidates }: AddressFacts): string =>
  (candidates.find(({ origin }) => origin === location.origin) ?? candidates[0])?.origin ?? "";
