import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { readMarkdown, readSpans } from "../../client/journeys/runbooks/read-markdown.ts";
import { runbookNames } from "../../client/ui/runbook-names.ts";

const folder = new URL("../../docs/runbooks/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const files = runbookNames.flatMap((name) => [`${name}.md`, `${name}.en.md`]);

const words = new Set(
  `npm start run youbei verify status state-hash recover backup target test add list remove drill rescue
  import undo export snapshot create restore cp mkdir`.split(/\s+/),
);

/** Commands and options, without what somebody fills in. */
const commandsOf = (file: string): string[] =>
  read(file)
    .split("\n")
    .filter((line) => /^ {3}(npm|cp|mkdir) /.test(line))
    .map((line) =>
      line
        .trim()
        .split(" ")
        .filter((word) => word.startsWith("-") || words.has(word))
        .join(" "),
    );

test("each is there in both languages, and no other", () => {
  expect(readdirSync(folder).sort()).toEqual([...files].sort());
});

describe.each(files)("%s", (file) => {
  it("says first what not to do, then goes step by step", () => {
    const blocks = readMarkdown(read(file));
    const shape = blocks.map(({ kind }) => kind);
    expect(shape).toEqual(["title", "heading", "points", "heading", "steps"]);
    const [title, first] = blocks;
    expect(title && "text" in title && title.text).toBeTruthy();
    expect(first && "text" in first && first.text).toMatch(/^(先别做|Do not)$/);
  });

  it("fits a page, and is shown word for word", () => {
    const text = read(file);
    expect(text.split("\n").length).toBeLessThan(60);
    const shown = readMarkdown(text)
      .flatMap((block) =>
        "items" in block ? block.items.flatMap(({ text, code }) => [text, ...code]) : [block.text],
      )
      .join("");
    const plain = (words: string) => words.replace(/^(#+|-|\d+\.|\s*```) ?|\s/gm, "");
    expect(plain(shown)).toBe(plain(text));
  });
});

test.each(runbookNames)("%s has the same commands in both languages", (name) => {
  expect(commandsOf(`${name}.md`)).toEqual(commandsOf(`${name}.en.md`));
});

test("code and strong words are told apart from the rest of a line", () => {
  expect(readSpans("a `b` **c** d")).toEqual([
    { kind: "text", text: "a " },
    { kind: "code", text: "b" },
    { kind: "text", text: " " },
    { kind: "strong", text: "c" },
    { kind: "text", text: " d" },
  ]);
});

test("what it does not know is shown as the text that it is, and a fence that is not closed ends", () => {
  expect(readMarkdown("> quoted\n```\nopen")).toEqual([
    { kind: "text", text: "> quoted" },
    { kind: "code", text: "open" },
  ]);
});
