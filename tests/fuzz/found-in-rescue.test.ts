import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { chooseLog } from "../../server/recovery/offered-logs.ts";
import { recoverFromSources } from "../../server/recovery/recover-from-sources.ts";
import { rescueSource } from "../../server/recovery/rescue-source.ts";
import { surveySources } from "../../server/recovery/survey-sources.ts";
import { isDocumentName } from "../../shared/documents/document-name.ts";
import { canonicalJson } from "../../shared/journal/canonical-json.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { memoryLog, scratchFolder } from "../server/server-harness.ts";
import { makeCorpus, quickSigner } from "./corpus.ts";
import { sealAsCrook } from "./crooked-operations.ts";
import { filesOf, rescueLine, rescueLines, sealForCard } from "./rescue-material.ts";
import { startVictim } from "./victim-server.ts";

async function openMaterial() {
  const corpus = await makeCorpus();
  const victim = await startVictim(corpus);
  const { recovery } = corpus.organisation;
  const lines = await rescueLines(victim);
  const read = async (texts: Record<string, string>) => {
    const deps = { files: filesOf(texts), recovery, signatures: nodeSignatures };
    const sources = Object.keys(texts).map((path) => rescueSource(path, deps));
    const surveyed = await surveySources(sources, deps);
    const { log } = chooseLog(
      surveyed.flatMap((found) => found.log ?? []),
      recovery,
    );
    const keys = surveyed.flatMap((found) => found.keys);
    return { keys, authority: log?.entries, state: log?.state };
  };
  return { corpus, victim, lines, recovery, read };
}

const stray = "A".repeat(43);

describe("rescue files in which somebody wrote", () => {
  it("keys that somebody else sealed for the card, whatever they are, hinder nobody [LO4] [ME5]", async () => {
    const { victim, lines, read, corpus } = await openMaterial();
    const notKeys = ["no json", "[", "null", '{"a":1}', '[["x"]]', "[1,2]", '[[null,"k"]]', ""];
    const sealed = await Promise.all(notKeys.map((text) => sealForCard(victim, text)));
    const added = sealed.map((keys) => rescueLine({ keys }));
    const found = await read({ a: [...added, rescueLine({ keys: "no age" }), ...lines].join("") });
    const known = corpus.keys.filter(([member]) => victim.relay.ledger.books.members.has(member));
    expect(found.keys).toEqual(expect.arrayContaining(known.map((entry) => [...entry])));
    for (const entry of found.keys) expect(entry.map((part) => typeof part)).toHaveLength(2);
  });

  it("a server made of them holds the right key of everybody, and every document that it wrote [ME5] [LO2]", async () => {
    const { corpus, victim, lines, recovery } = await openMaterial();
    const { ledger } = victim.relay;
    const wrong = corpus.members.map((member) => [member, stray]);
    const poison = rescueLine({ keys: await sealForCard(victim, JSON.stringify(wrong)) });
    const own = corpus.runs.slice(corpus.known).find(({ seal }) => seal.includes('"crook@s1"'));
    const operation = JSON.parse(own?.operations[0] ?? "{}") as object;
    for (const date of ["2026-99-01", "9999-12-31", "0001-01-01"]) {
      const text = canonicalJson({ ...operation, date } as never);
      const run = await sealAsCrook(ledger, [text], quickSigner("crook"));
      const folder = await scratchFolder();
      const file = join(folder, "rescue");
      await writeFile(file, [poison, ...lines, rescueLine({ runs: [run] }), poison].join(""));
      const platform = { ...createNodePlatform(memoryLog()), clock: corpus.organisation.clock };
      const dir = join(folder, "data");
      const sources = [rescueSource(file, { files: platform.files, recovery })];
      const options = { dir, sources, recovery, moveAside: false };
      const made = await recoverFromSources(options, platform);
      expect(made).toMatchObject({ ok: true, value: { missing: [], sources: [{ refused: 0 }] } });
      if (!made.ok) return;
      const honest = corpus.runs.slice(0, corpus.known).flatMap(({ operations }) => operations);
      expect(made.value.state.counts.operations).toBe(honest.length + 1);
      const store = await platform.folderStore(join(dir, "live"));
      const { documents, keys } = await store.load();
      await store.close();
      const months = documents.map(({ name }) => name).filter((name) => name !== "authority");
      expect(months.every(isDocumentName)).toBe(true);
      expect(months).toEqual(["journal/2/s1/2026-11"]);
      const right = new Map(corpus.keys);
      for (const [member, key] of keys) expect(key).toBe(right.get(member));
      expect(keys.map(([member]) => member)).toEqual(expect.arrayContaining([...corpus.members]));
    }
  });

  it("entries of the authority log are found wherever they stand, and another shop's are not taken for it [LO4] [AC6]", async () => {
    const { corpus, lines, read } = await openMaterial();
    const { authority } = corpus.organisation;
    const stranger = await TestOrganisation.found("stranger");
    await stranger.enrol("till9");
    await stranger.enrol("till8");
    for (let more = 0; more < 10; more++) await stranger.enrol(`more${more}`);
    const theirs = rescueLine({ authority: stranger.authority });
    const ours = authority.map((text) => rescueLine({ authority: [text, "{}", text] }));
    const others = lines.filter((line) => !line.includes('{"authority"'));
    const mixed = [theirs, ...others, ...[...ours].reverse(), theirs].join("");
    const found = await read({ theirs, mixed });
    expect(found.authority).toEqual(authority);
    expect(found.state?.devices.has("till9")).toBe(false);
  });
});
