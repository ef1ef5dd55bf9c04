import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../../ui/page.tsx";
import { type Block, readMarkdown, readSpans } from "./read-markdown.ts";
import classes from "./runbook-page.module.css";
import { runbookText } from "./runbook-texts.ts";

/** One runbook, word for word as it stands in the documentation. */
export function RunbookPage({ name, onBack }: { name: string; onBack: () => void }): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const text = runbookText(name, i18n.language);
  const [title, ...blocks] = readMarkdown(text ?? "");
  return (
    <Page title={title?.kind === "title" ? title.text : tell("runbooks.title")} onBack={onBack}>
      {text === undefined && <p>{tell("runbooks.missing")}</p>}
      {sectionsOf(blocks).map((section, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text that does not change
        <section key={index} className={`sheet ${classes.section}`} data-first={index === 0}>
          {section.map((block, nth) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a text that does not change
            <Shown key={nth} block={block} />
          ))}
        </section>
      ))}
    </Page>
  );
}

/** Each heading begins one; the first says what not to do. */
function sectionsOf(blocks: readonly Block[]): Block[][] {
  const sections: Block[][] = [];
  for (const block of blocks)
    if (block.kind === "heading" || sections.length === 0) sections.push([block]);
    else sections.at(-1)?.push(block);
  return sections;
}

function Shown({ block }: { block: Block }): ReactNode {
  switch (block.kind) {
    case "title":
    case "heading":
      return <h2>{block.text}</h2>;
    case "text":
      return (
        <p>
          <Line text={block.text} />
        </p>
      );
    case "code":
      return <Code text={block.text} />;
    case "steps":
    case "points": {
      const items = block.items.map(({ text, code }) => (
        <li key={text}>
          <Line text={text} />
          {code.map((each) => (
            <Code key={each} text={each} />
          ))}
        </li>
      ));
      return block.kind === "steps" ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

const Code = ({ text }: { text: string }): ReactNode => (
  // A long command is scrolled to, also with the keyboard.
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached
  <pre tabIndex={0}>
    <code>{text}</code>
  </pre>
);

function Line({ text }: { text: string }): ReactNode {
  return readSpans(text).map(({ kind, text: words }, index) => {
    const key = index;
    if (kind === "code") return <code key={key}>{words}</code>;
    if (kind === "strong") return <strong key={key}>{words}</strong>;
    return <Fragment key={key}>{words}</Fragment>;
  });
}
