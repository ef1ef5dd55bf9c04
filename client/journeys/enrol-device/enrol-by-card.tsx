import { Button, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuthorityState, Device } from "../../../shared/access/authority-state.ts";
import type { Entrance, EntranceFault } from "../../shop/entrance.ts";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Row, Rows } from "../../ui/row.tsx";

/** For when every other way is gone: the card's words, then which device this one takes over from. */
export function EnrolByCard({
  entrance,
  deviceName,
  nameField,
}: {
  entrance: Entrance;
  deviceName: string;
  nameField: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [state, setState] = useState<AuthorityState>();
  const [replaces, setReplaces] = useState<Device | "none">();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<EntranceFault>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    if (!state) {
      const opened = await entrance.openByCard(words);
      if (opened.ok) {
        setState(opened.value);
        // This browser was a device already: it most likely goes on as that one.
        setReplaces(replaceableIn(opened.value).find(({ id }) => id === entrance.before?.id));
      } else setFault(opened.refusal);
    } else if (replaces !== undefined) {
      const chosen =
        replaces === "none" ? { till: true } : { replaces: replaces.id, till: replaces.till };
      const enrolled = await entrance.enrolByCard(words, deviceName, chosen);
      if (enrolled.ok) return;
      setFault(enrolled.refusal);
    }
    setBusy(false);
  };
  const devices = state ? replaceableIn(state) : [];
  return (
    <form onSubmit={(event) => void submit(event)} style={{ display: "grid", gap: 18 }} noValidate>
      <p className="soft" style={{ margin: 0, lineHeight: 1.7 }}>
        {t("enrol.cardText")}
      </p>
      <Textarea
        label={t("enrol.words")}
        description={t("enrol.wordsHint")}
        value={words}
        readOnly={state !== undefined}
        autosize
        minRows={2}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setFault(undefined);
          setWords(event.currentTarget.value.slice(0, 400));
        }}
      />
      {state && (
        <>
          {nameField}
          <div>
            <h2 style={{ margin: "0 0 4px", fontSize: "1.0625rem" }}>{t("enrol.which")}</h2>
            <p className="soft" style={{ margin: "0 0 10px", lineHeight: 1.6 }}>
              {t("enrol.whichText")}
            </p>
            <Rows>
              {devices.map((device) => (
                <Row
                  key={device.id}
                  icon="device"
                  title={t("enrol.replace", { name: device.name })}
                  note={device.till ? t("enrol.till") : t("enrol.office")}
                  end={<Chosen chosen={replaces !== "none" && replaces?.id === device.id} />}
                  onPress={() => setReplaces(device)}
                />
              ))}
              <Row
                icon="plus"
                title={t("enrol.none")}
                end={<Chosen chosen={replaces === "none"} />}
                onPress={() => setReplaces("none")}
              />
            </Rows>
          </div>
        </>
      )}
      {fault && (
        <Notice tone="bad" live>
          {fault === "not-accepted" ? t("enrol.faultCard") : t(`setUp.faults.${fault}`)}
        </Notice>
      )}
      <Button type="submit" size="xl" loading={busy} disabled={state !== undefined && !replaces}>
        {state ? t("enrol.join") : t("common.next")}
      </Button>
    </form>
  );
}

/** In use, or frozen and without a successor. */
const replaceableIn = ({ devices }: AuthorityState): Device[] =>
  [...devices.values()].filter(({ server, closed }) => !server && closed?.by === undefined);

const Chosen = ({ chosen }: { chosen: boolean }): ReactNode => (
  <span style={{ width: 24, color: "var(--jade-ink)" }}>{chosen && <Icon name="check" />}</span>
);
