import { type KeyboardEvent, type ReactNode, type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/icon.tsx";
import classes from "./search-box.module.css";

/** Takes digits, names and scans; an Enter that only ends a Chinese composition is not heard. */
export function SearchBox({
  typed,
  onType,
  onEnter,
  onMove,
  onEscape,
  inputRef,
  softKeyboard,
  onTouch,
}: {
  typed: string;
  onType: (text: string) => void;
  onEnter: () => void;
  onMove: (step: 1 | -1) => void;
  onEscape: () => void;
  inputRef: RefObject<HTMLInputElement | null>;
  /** whether touching the box brings up the system's keyboard */
  softKeyboard: boolean;
  onTouch: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const composing = useRef(false);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (composing.current || event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      onMove(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      onEnter();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      onEscape();
    }
  };
  return (
    <search className={classes.box}>
      <Icon name="search" />
      <input
        ref={inputRef}
        className={`num ${classes.input}`}
        type="text"
        value={typed}
        placeholder={t("till.searchHint")}
        aria-label={t("till.search")}
        inputMode={softKeyboard ? "text" : "none"}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        data-till-field="true"
        onChange={(event) => onType(event.currentTarget.value)}
        onPointerDown={onTouch}
        onKeyDown={onKeyDown}
        onCompositionStart={() => {
          composing.current = true;
        }}
        onCompositionEnd={() => {
          // The Enter that ends a composition may still be on its way.
          setTimeout(() => {
            composing.current = false;
          });
        }}
      />
      {typed !== "" && (
        <button
          type="button"
          className={classes.clear}
          aria-label={t("till.clear")}
          onClick={onEscape}
        >
          <Icon name="close" size={20} />
        </button>
      )}
    </search>
  );
}
