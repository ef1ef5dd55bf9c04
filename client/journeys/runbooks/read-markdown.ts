/** A block of a runbook; inside a line, code stands between backquotes and strong words between `**`. */
export type Block =
  | { kind: "title" | "heading" | "text"; text: string }
  | { kind: "steps" | "points"; items: { text: string; code: string[] }[] }
  | { kind: "code"; text: string };

/**
 * Reads what our runbooks are written in: headings, paragraphs, numbered and plain lists whose items may
 * hold fenced code, and fenced code. Anything else is shown as the text that it is.
 */
export function readMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const last = blocks.at(-1);
    const fence = /^(\s*)```/.exec(line);
    if (fence) {
      const indent = fence[1] ?? "";
      const end = lines.findIndex((each, index) => index > at && /^\s*```\s*$/.test(each));
      const until = end < 0 ? lines.length : end;
      const code = lines.slice(at + 1, until).map((each) => withoutIndent(each, indent));
      addCode(blocks, code.join("\n"), indent !== "");
      at = until;
    } else if (line.startsWith("# ")) blocks.push({ kind: "title", text: line.slice(2) });
    else if (line.startsWith("## ")) blocks.push({ kind: "heading", text: line.slice(3) });
    else if (/^\d+\. /.test(line)) addItem(blocks, "steps", line.replace(/^\d+\. /, ""));
    else if (line.startsWith("- ")) addItem(blocks, "points", line.slice(2));
    else if (line.trim() !== "") {
      const item = last && "items" in last && line.startsWith(" ") ? last.items.at(-1) : undefined;
      if (item) item.text += ` ${line.trim()}`;
      else blocks.push({ kind: "text", text: line.trim() });
    }
  }
  return blocks;
}

const withoutIndent = (line: string, indent: string): string =>
  line.startsWith(indent) ? line.slice(indent.length) : line;

function addCode(blocks: Block[], text: string, isInItem: boolean): void {
  const last = blocks.at(-1);
  const item = isInItem && last && "items" in last ? last.items.at(-1) : undefined;
  if (item) item.code.push(text);
  else blocks.push({ kind: "code", text });
}

function addItem(blocks: Block[], kind: "steps" | "points", text: string): void {
  const last = blocks.at(-1);
  const item = { text, code: [] };
  if (last?.kind === kind) last.items.push(item);
  else blocks.push({ kind, items: [item] });
}

/** A line cut at its code and its strong words. */
export function readSpans(text: string): { kind: "text" | "code" | "strong"; text: string }[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter((part) => part !== "")
    .map((part) => {
      if (/^`[^`]+`$/.test(part)) return { kind: "code", text: part.slice(1, -1) };
      if (/^\*\*[^*]+\*\*$/.test(part)) return { kind: "strong", text: part.slice(2, -2) };
      return { kind: "text", text: part };
    });
}
