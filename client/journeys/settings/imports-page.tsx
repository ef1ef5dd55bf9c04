import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { ImportView } from "../../shop/shop.ts";
import { useDeed } from "../../shop/use-deed.ts";
import { useAnswer, useShop } from "../../shop/use-shop.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Empty } from "../../ui/empty.tsx";
import { yuan } from "../../ui/money.tsx";
import { Page } from "../../ui/page.tsx";
import { memberPath } from "../../ui/paths.ts";
import { RefusalNotice } from "../../ui/refusal-notice.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import classes from "./imports-page.module.css";

/** Each import as a whole, and the way back from it. */
export function ImportsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const imports = useAnswer("imports", (shop) => shop.imports());
  const [undoing, setUndoing] = useState<ImportView>();
  const deed = useDeed();
  const undo = async () => {
    if (!undoing) return;
    const performed = await deed.perform({
      command: "UndoImport",
      batch: undoing.batch,
      reason: t("imports.undo"),
    });
    if (performed) setUndoing(undefined);
  };
  return (
    <Page title={t("imports.list")} onBack={onBack}>
      {imports?.length === 0 && (
        <div className="sheet">
          <Empty
            title={t("imports.listEmpty")}
            actions={<Button onClick={() => go("/import")}>{t("imports.title")}</Button>}
          >
            {t("imports.listEmptyText")}
          </Empty>
        </div>
      )}
      <div className={classes.list}>
        {imports?.map((batch) => (
          <Batch key={batch.batch} batch={batch} onUndo={() => setUndoing(batch)} />
        ))}
      </div>
      <Dialog
        opened={undoing !== undefined}
        onClose={() => setUndoing(undefined)}
        title={t("imports.undoTitle")}
      >
        <p style={{ marginTop: 0, lineHeight: 1.6 }}>{t("imports.undoText")}</p>
        <RefusalNotice refusal={deed.refusal} />
        <Button
          color="red.9"
          size="xl"
          fullWidth
          mt="md"
          loading={deed.state !== "idle"}
          onClick={() => void undo()}
        >
          {t("imports.undo")}
        </Button>
      </Dialog>
    </Page>
  );
}

function Batch({ batch, onUndo }: { batch: ImportView; onUndo: () => void }): ReactNode {
  const { t, i18n } = useTranslation();
  const shop = useShop();
  const [, go] = useLocation();
  return (
    <section className={`sheet ${classes.batch}`}>
      <header className={classes.head}>
        <span className={classes.text}>
          <strong>{batch.files.join(" + ")}</strong>
          <span className="caption">{momentOf(batch.atMs, i18n.language)}</span>
          <span>
            {t("imports.batch", {
              members: batch.members,
              opening: yuan(batch.openingFen),
              purchases: batch.purchases,
              purchased: yuan(batch.purchasedFen),
            })}
          </span>
        </span>
        {batch.undone ? (
          <span className="caption">{t("imports.undone")}</span>
        ) : (
          <Button size="md" variant="default" onClick={onUndo}>
            {t("imports.undo")}
          </Button>
        )}
      </header>
      {batch.staying.length > 0 && (
        <>
          <p className={classes.staying}>{t("imports.staying", { n: batch.staying.length })}</p>
          <Rows>
            {batch.staying.slice(0, 200).map(({ member, why }) => (
              <Row
                key={member}
                icon="person"
                title={shop.member(member)?.fields["name"] ?? member}
                note={t(`imports.why.${why}`)}
                onPress={() => go(memberPath(member))}
              />
            ))}
          </Rows>
        </>
      )}
    </section>
  );
}
