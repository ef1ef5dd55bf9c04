import { VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useRoute } from "wouter";
import type { MemberView } from "../shared/replica/member-view.ts";
import { CheckOut } from "./journeys/check-out/check-out.tsx";
import { ChecklistCard } from "./journeys/checklist/checklist-card.tsx";
import { MemberForm } from "./journeys/member-form/member-form.tsx";
import { Receipt } from "./journeys/receipt/receipt.tsx";
import { SearchKeypad } from "./journeys/till/search-keypad.tsx";
import { TillIdle } from "./journeys/till/till-idle.tsx";
import { TillList } from "./journeys/till/till-list.tsx";
import { useFind } from "./journeys/till/use-find.ts";
import { UndoDialog } from "./journeys/undo/undo-dialog.tsx";
import { MemberPage } from "./member-page.tsx";
import { useScanner } from "./shop/use-scanner.ts";
import { useMemberSearch } from "./shop/use-shop.tsx";
import classes from "./till-page.module.css";
import type { DoneDeed } from "./ui/done.ts";
import { yuan } from "./ui/money.tsx";
import { Page } from "./ui/page.tsx";
import { memberPath } from "./ui/paths.ts";
import type { Undoable } from "./ui/undoable.ts";
import { useTouch, useWidth } from "./ui/use-touch.ts";

/** The till: on a phone one thing after the other, else the list beside whom it opened. */
export function TillPage(): ReactNode {
  const { t } = useTranslation();
  const [path, go] = useLocation();
  const width = useWidth();
  const search = useMemberSearch();
  const input = useRef<HTMLInputElement>(null);
  const [undoing, setUndoing] = useState<Undoable>();
  const [undone, setUndone] = useState<readonly string[]>([]);
  const [letters, setLetters] = useState(false);
  const touch = useTouch();
  const [typedForNew, setTypedForNew] = useState("");
  const [, memberRoute] = useRoute<{ id: string }>("/members/:id/*?");
  const active =
    memberRoute && memberRoute.id !== "new" ? decodeURIComponent(memberRoute.id) : undefined;
  const atHome = path === "/" || path === "/top-up";

  const open = useCallback(
    (member: MemberView) => {
      go(memberPath(member.id, path === "/top-up" ? "top-up" : undefined));
    },
    [go, path],
  );
  const find = useFind(open);
  const home = () => {
    find.type("");
    setLetters(false);
    go("/");
    setTimeout(() => input.current?.focus({ preventScroll: true }));
  };
  useEffect(() => {
    if (atHome) input.current?.focus({ preventScroll: true });
  }, [atHome]);
  useTillKeys({
    onDigit: (digit) => {
      if (atHome) input.current?.focus({ preventScroll: true });
      else home();
      find.append(digit);
    },
    onSearch: () => {
      if (width === "phone" && !atHome) go("/");
      setTimeout(() => {
        input.current?.focus();
        input.current?.select();
      });
    },
    onEscape: home,
  });
  useScanner((code) => {
    const member = search.exactly(code);
    if (member) {
      find.type("");
      open(member);
    } else {
      find.type(code);
      notifications.show({ color: "yellow", message: t("till.notFoundCode", { code }) });
    }
  });
  const add = (typed: string) => {
    setTypedForNew(typed.trim());
    go("/members/new");
  };
  const detail = atHome ? undefined : path === "/members/new" ? (
    <Page title={t("memberForm.addTitle")} onBack={home}>
      <MemberForm
        first={firstFields(typedForNew)}
        onCancel={home}
        onOpen={(id) => go(memberPath(id))}
        onSaved={(id) => {
          find.type("");
          go(memberPath(id), { replace: true });
        }}
      />
    </Page>
  ) : path === "/walk-in" ? (
    <WalkIn onClose={home} onUndo={setUndoing} undone={undone} />
  ) : active !== undefined ? (
    <MemberPage key={active} id={active} onClose={home} onUndo={setUndoing} undone={undone} />
  ) : undefined;
  const keypad = touch && !letters && (
    <SearchKeypad
      find={find}
      onEnter={() => {
        const member = find.enter();
        if (member) open(member);
      }}
      onLetters={() => {
        setLetters(true);
        input.current?.blur();
        setTimeout(() => input.current?.focus());
      }}
    />
  );
  return (
    <div className={classes.page} data-width={width}>
      {atHome && <VisuallyHidden component="h1">{t("header.till")}</VisuallyHidden>}
      {(width !== "phone" || detail === undefined) && (
        <div className={classes.list}>
          <TillList
            find={find}
            inputRef={input}
            active={active}
            notice={<ChecklistCard />}
            keypad={width === "phone" && keypad}
            softKeyboard={!touch || letters}
            onTouch={() => {
              if (touch && !atHome) go("/");
            }}
            onOpen={open}
            onAdd={add}
            onWalkIn={() => go("/walk-in")}
            onImport={() => go("/import")}
            onUndo={setUndoing}
            onEscape={() => (find.typed === "" ? home() : find.type(""))}
          />
        </div>
      )}
      {(width !== "phone" || detail !== undefined) && (
        <div className={classes.detail}>
          {detail ?? <TillIdle typed={find.typed} keypad={keypad} />}
        </div>
      )}
      <UndoDialog
        target={undoing}
        onClose={() => setUndoing(undefined)}
        onUndone={({ ref, amountFen }) => {
          setUndoing(undefined);
          setUndone((before) => [...before, ref]);
          if (atHome) setTimeout(() => input.current?.focus({ preventScroll: true }));
          notifications.show({ message: t("undo.done", { amount: yuan(amountFen) }) });
        }}
      />
    </div>
  );
}

function WalkIn({
  onClose,
  onUndo,
  undone,
}: {
  onClose: () => void;
  onUndo: (target: Undoable) => void;
  undone: readonly string[];
}): ReactNode {
  const { t } = useTranslation();
  const [done, setDone] = useState<DoneDeed>();
  return (
    <Page title={t("checkOut.walkInTitle")} onBack={onClose}>
      {done ? (
        <Receipt
          deed={{ ...done, isUndone: undone.includes(done.ref) }}
          onClose={onClose}
          onUndo={() =>
            onUndo({
              ref: done.ref,
              title: t("checkOut.walkInTitle"),
              amountFen: done.amountFen,
              member: undefined,
            })
          }
        />
      ) : (
        <div className={classes.walkIn}>
          <p className="soft">{t("checkOut.walkInNote")}</p>
          <CheckOut member={undefined} onDone={setDone} />
        </div>
      )}
    </Page>
  );
}

/** F2 and `/` lead to the search box, Esc back to the till; a digit at a receipt is the next customer's. */
function useTillKeys(keys: {
  onDigit: (digit: string) => void;
  onSearch: () => void;
  onEscape: () => void;
}): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented || document.querySelector("[role=dialog]"))
        return;
      const typing = isTyping(event.target);
      if (event.key === "F2" || (event.key === "/" && !typing)) {
        event.preventDefault();
        latest.current.onSearch();
      } else if (/^\d$/.test(event.key) && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        latest.current.onDigit(event.key);
      } else if (event.key === "Escape" && (!typing || isTillField(event.target))) {
        latest.current.onEscape();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, textarea, select");

const isTillField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.dataset["tillField"] === "true";

/** What was typed into the search goes where it belongs. */
function firstFields(typed: string): Record<string, string> {
  if (typed === "") return {};
  if (/^1\d{10}$/.test(typed)) return { phone: typed };
  if (/^[\dA-Za-z-]*\d[\dA-Za-z-]*$/.test(typed)) return typed.length > 4 ? { card: typed } : {};
  return { name: typed };
}
