/** The very files of `docs/runbooks`, as they were when the app was built: `<name>.md`, `<name>.en.md`. */
const files = import.meta.glob<string>("../../../docs/runbooks/*.md", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** @returns undefined when there is none of this name */
export function runbookText(name: string, language: string): string | undefined {
  const file = language === "zh" ? `${name}.md` : `${name}.en.md`;
  return files[`../../../docs/runbooks/${file}`];
}
