import { expect, test } from "vitest";
import { safety } from "../../client/i18n/safety.ts";
import { speak } from "../../client/i18n/say.ts";
import { sayings } from "../../client/i18n/sayings.ts";

const leaves = (tree: object, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string"
      ? [[`${path}${key}`, value]]
      : leaves(value as object, `${path}${key}.`),
  );
const all = { ...sayings, ...safety };
const zh = new Map(leaves(speak(all, "zh")));
const en = new Map(leaves(speak(all, "en")));
const holes = (text = "") => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test("both languages say everything", () => {
  for (const [key, text] of [...zh, ...en]) expect(text.trim(), key).not.toBe("");
  expect([...en.keys()]).toEqual([...zh.keys()]);
});

test("both languages say it with the same facts", () => {
  for (const [key, text] of zh) expect(holes(en.get(key)), key).toEqual(holes(text));
});

test("English is not Chinese", () => {
  for (const [key, text] of en) expect(/\p{Script=Han}/u.test(text), `${key}: ${text}`).toBe(false);
});
