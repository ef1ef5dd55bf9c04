import { Button } from "@mantine/core";
import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { useMemberSearch } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import type { Undoable } from "../../ui/undoable.ts";
import { HitList } from "./hit-list.tsx";
import { LastOperation } from "./last-operation.tsx";
import { SearchBox } from "./search-box.tsx";
import classes from "./till-list.module.css";
import type { Find } from "./use-find.ts";

/** The till's home: one box to find a member, who was found, and the way back from what was done last. */
export function TillList({
  find,
  inputRef,
  active,
  notice,
  keypad,
  softKeyboard,
  onTouch,
  onOpen,
  onAdd,
  onWalkIn,
  onImport,
  onUndo,
  onEscape,
}: {
  find: Find;
  inputRef: RefObject<HTMLInputElement | null>;
  active: string | undefined;
  notice?: ReactNode;
  /** on a phone the keys stand below the list */
  keypad?: ReactNode;
  softKeyboard: boolean;
  onTouch: () => void;
  onOpen: (member: MemberView) => void;
  onAdd: (typed: string) => void;
  onWalkIn: () => void;
  onImport: () => void;
  onUndo: (target: Undoable) => void;
  onEscape: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const search = useMemberSearch();
  const { typed, found } = find;
  const searching = typed.trim() !== "";
  const openEntered = () => {
    const member = find.enter();
    if (member) onOpen(member);
  };
  const shown = searching ? found.hits.map((hit) => hit.member) : search.recent(30);
  const heading = searching
    ? found.total > found.hits.length
      ? t("till.foundMany", { n: found.total, shown: found.hits.length })
      : t("till.found", { n: found.total })
    : `${t("till.recent")} · ${t("till.members", { n: search.size })}`;
  return (
    <div className={classes.till}>
      <div className={classes.box}>
        <SearchBox
          typed={typed}
          inputRef={inputRef}
          softKeyboard={softKeyboard}
          onTouch={onTouch}
          onType={find.type}
          onEnter={openEntered}
          onMove={find.move}
          onEscape={onEscape}
        />
        <Button
          className={classes.add}
          size="lg"
          variant="default"
          onClick={() => onAdd(typed)}
          aria-label={t("till.newMember")}
          leftSection={<Icon name="new-member" />}
        >
          <span className={classes.addText}>{t("till.newMember")}</span>
        </Button>
      </div>
      {notice && <div className={classes.notice}>{notice}</div>}
      <div className={classes.list}>
        {shown.length > 0 ? (
          <HitList
            heading={heading}
            members={shown}
            at={find.at}
            active={active}
            typed={typed}
            onOpen={onOpen}
          />
        ) : searching ? (
          <Empty
            title={t("till.none", { typed: typed.trim() })}
            actions={
              <Button onClick={() => onAdd(typed)} leftSection={<Icon name="new-member" />}>
                {t("till.newMember")}
              </Button>
            }
          >
            {t("till.noneHint")}
          </Empty>
        ) : (
          <Empty
            title={t("till.emptyTitle")}
            actions={
              <>
                <Button onClick={() => onAdd("")}>{t("till.newMember")}</Button>
                <Button variant="default" onClick={onImport}>
                  {t("till.importOld")}
                </Button>
              </>
            }
          >
            {t("till.emptyText")}
          </Empty>
        )}
      </div>
      <div className={classes.below}>
        <LastOperation onUndo={onUndo} />
        <button type="button" className={classes.walkIn} onClick={onWalkIn}>
          <Icon name="charge" size={20} />
          {t("till.walkIn")}
        </button>
      </div>
      {keypad}
    </div>
  );
}
