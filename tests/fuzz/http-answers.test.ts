import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { foundOrganisation } from "../../shared/replica/found-organisation.ts";
import { askMode, askTickets, readLog, submitEntry } from "../../shared/replica/server-contact.ts";
import type { ServerApi } from "../../shared/sync/server-api.ts";
import { effort, patience } from "../harness/effort.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { runCampaign } from "./campaign.ts";
import { quickSigner } from "./corpus.ts";
import { mutateTree, type Tree, writeTree } from "./mutate-json.ts";

const hash = "A".repeat(43);

/** What an honest server answers, by the end of the path. */
const honest = (authority: readonly string[]): Record<string, Tree> => ({
  organisation: { mode: "ready", org: "testorg", name: "云水间", version: "1" },
  challenge: { challenge: "A".repeat(32) },
  tickets: { tickets: ["A".repeat(32)] },
  read: { entries: [...authority], heads: [["till1@s1", 3, hash]] },
  entries: { head: "1:abc" },
  setup: { server: { device: "srv1", key: quickSigner("srv1").publicKey } },
});

/** Answers with what a campaign has put there, else honestly. */
function apiOf(answers: Record<string, { status: number; body: unknown }>): ServerApi {
  const answer = async (path: string) => {
    const name = /([a-z]+)(\?.*)?$/.exec(path)?.[1] ?? "";
    return answers[name] ?? { status: 404, body: {} };
  };
  return { get: answer, post: answer } as ServerApi;
}

async function talk(api: ServerApi, organisation: TestOrganisation): Promise<void> {
  const signer = quickSigner("till1");
  await askMode(api);
  const tickets = await askTickets(api, { org: "testorg", device: "till1", signer }, 1);
  if (tickets.ok) for (const ticket of tickets.value) expect(typeof ticket).toBe("string");
  const log = await readLog(api, signer, nodeSignatures);
  if (log.ok) {
    expect(organisation.authority.slice(0, log.value.texts.length)).toEqual(log.value.texts);
    for (const [chain, next, head] of log.value.heads)
      expect([typeof chain, Number.isSafeInteger(next), typeof head]).toEqual([
        "string",
        true,
        "string",
      ]);
  }
  await submitEntry(api, "{}");
  const founded = await foundOrganisation({
    api,
    random: organisation.random,
    clock: organisation.clock,
    signatures: nodeSignatures,
    name: "店",
    timeZone: "Asia/Shanghai",
    storeName: "总店",
    ownerName: "老板",
    setupCode: "0",
    deviceName: "前台",
    till: true,
    recovery: organisation.recovery,
    deviceSigner: quickSigner("till1"),
    ownerSigner: quickSigner("boss"),
  });
  if (!founded.ok) expect(typeof founded.refusal).toBe("string");
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

describe("whatever a server answers to a request", () => {
  it("is a value: nothing is thrown, and nothing believed that is not what was asked for [AC6]", {
    timeout: patience(120_000),
  }, async () => {
    const organisation = await TestOrganisation.found("answers");
    await organisation.enrol("till1");
    const answers = honest(organisation.authority);
    const names = Object.keys(answers);
    await runCampaign<{ name: string; status: number; body: unknown }>({
      name: "http-answers",
      count: effort(200, 20_000),
      make(dice) {
        const name = dice.of(names);
        const other = answers[dice.of(names)] as Tree;
        const body = parsed(writeTree(mutateTree(answers[name] as Tree, dice, other)));
        return { name, status: dice.of([200, 200, 200, 403, 0, 500]), body };
      },
      async attack({ name, status, body }) {
        const all = Object.entries(answers).map(([key, tree]) => [
          key,
          { status: 200, body: tree as unknown },
        ]);
        await talk(apiOf({ ...Object.fromEntries(all), [name]: { status, body } }), organisation);
      },
      show: (mutant) => JSON.stringify(mutant),
    });
  });

  it.each([
    undefined,
    null,
    "text",
    [],
    {},
    { entries: "x" },
    { entries: [1] },
    { entries: [], heads: 5 },
    { server: null },
    { server: { device: "__proto__", key: 5 } },
    { server: { device: "srv 1", key: "x" } },
  ])("%j is not what was asked for", async (body) => {
    const organisation = await TestOrganisation.found("answers");
    const good = { status: 200, body: { challenge: "A".repeat(32) } };
    const bad = { status: 200, body };
    const api = apiOf({ challenge: good, read: bad, setup: bad, tickets: bad, organisation: bad });
    await talk(api, organisation);
    const log = await readLog(api, quickSigner("till1"), nodeSignatures);
    expect(log).toEqual({ ok: false, refusal: "unexpected" });
  });
});
