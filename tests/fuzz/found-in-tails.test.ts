import { describe, expect, it } from "vitest";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { type AuthorityKey, signEntry } from "../../shared/access/sign-entry.ts";
import { canonicalJson } from "../../shared/journal/canonical-json.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { reconcileDocuments } from "../../shared/replica/reconcile-documents.ts";
import type { DeviceMessage, ServerMessage } from "../../shared/sync/messages.ts";
import {
  type Corpus,
  cashSale,
  elementsOfRuns,
  makeCorpus,
  quickSigner,
  shopDocument,
} from "./corpus.ts";
import { sealAs, sealAsCrook } from "./crooked-operations.ts";
import { showPutBack, startVictim, type VictimServer } from "./victim-server.ts";

/** A server with what everybody knows, to which a device talks that has a key and no scruples. */
async function openDesk(corpus: Corpus, { isPutBack = false } = {}) {
  const victim = await startVictim(corpus);
  if (isPutBack) await showPutBack(victim);
  const answers: ServerMessage[] = [];
  const peer = { device: "crook", send: (message: ServerMessage) => void answers.push(message) };
  const tail = async (name: string, from: number, elements: string[]) => {
    const message: DeviceMessage = { type: "tail", id: 1, name, from, elements };
    await victim.desk.take(peer, message);
    return answers.at(-1);
  };
  return { victim, tail };
}

/** The same, and changes of rights that the device shows as a tail. */
async function openLog() {
  const corpus = await makeCorpus();
  const { victim, tail } = await openDesk(corpus);
  const { log } = victim.relay.ledger;
  const change = async (proposal: AuthorityProposal, keys: AuthorityKey[]) => {
    const text = await signEntry(log, proposal, keys, victim.clock.nowMs());
    return tail("authority", log.heads.length, [text]);
  };
  return { victim, change };
}

const lengthOf = ({ store }: VictimServer, name: string): number =>
  store.content.documents.get(name)?.length ?? 0;

/** A run that the crook really sealed: the next of its chain. */
async function ownRun({ runs, known }: Corpus): Promise<Run> {
  const next = runs.slice(known).find(({ seal }) => seal.includes('"crook@s1"'));
  if (!next) throw new Error("the crook has something to say");
  return next;
}

describe("tails of a device's own invention", () => {
  it("what is known already makes no document grow, however often it comes [LO2]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus);
    const known = elementsOfRuns(corpus.runs.slice(0, corpus.known));
    for (const name of [shopDocument, "journal/1/s1/2026-10"])
      for (let again = 0; again < 3; again++) {
        const from = lengthOf(victim, name);
        expect(await tail(name, from, known)).toMatchObject({ code: "nothing-new", length: from });
      }
    const own = elementsOf(await ownRun(corpus));
    const from = lengthOf(victim, shopDocument);
    expect(await tail(shopDocument, from, [...own, ...own])).toMatchObject({ code: "nothing-new" });
    expect(await tail(shopDocument, from, own)).toMatchObject({ length: from + own.length });
    const again = await tail(shopDocument, from + own.length, own);
    expect(again).toMatchObject({ code: "nothing-new" });
  });

  it("nor does a run that waits for what never comes, twice", async () => {
    const corpus = await makeCorpus();
    const { tail } = await openDesk(corpus, { isPutBack: true });
    const later = corpus.runs.filter(({ seal }) => seal.includes('"crook@s1"')).at(-1) as Run;
    const from = elementsOfRuns(corpus.runs.slice(0, corpus.known)).length;
    const taken = await tail(shopDocument, from, elementsOf(later));
    expect(taken).toMatchObject({ length: from + later.operations.length + 1 });
    const again = await tail(shopDocument, from + later.operations.length + 1, elementsOf(later));
    expect(again).toMatchObject({ code: "nothing-new" });
  });

  it("no document is opened for a month that never was: others' months go on [DO3]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus, { isPutBack: true });
    const own = elementsOf(await ownRun(corpus));
    for (const name of ["9999-12", "2027-02", "1999-01", "0001-01"].map((month) => `s1/${month}`))
      expect(await tail(`journal/1/${name}`, 0, own)).toMatchObject({ code: "other-history" });
    expect(await tail("journal/1/s2/2026-11", 0, own)).toMatchObject({ code: "other-history" });
    expect(await tail("journal/2/s1/2026-11", 0, own)).toMatchObject({ code: "other-history" });
    expect(victim.relay.documents().map(({ name }) => name)).toEqual(["authority", shopDocument]);
    expect(await tail("journal/1/s1/2026-09", 0, own)).toMatchObject({ length: own.length });
  });

  it("two histories are a mishap, a hundred are an attack: by tails as by runs [J6]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus, { isPutBack: true });
    const { ledger } = victim.relay;
    const [text = "{}"] = (await ownRun(corpus)).operations;
    const rivals: Run[] = [];
    for (let made = 0; made < 130; made++) {
      const operation = JSON.parse(text) as { hlc: [number, number] };
      const changed = canonicalJson({ ...operation, hlc: [operation.hlc[0], made] } as never);
      rivals.push(await sealAsCrook(ledger, [changed], quickSigner("crook")));
    }
    const codes = new Set<string>();
    for (const rival of rivals) {
      const answer = await tail(shopDocument, lengthOf(victim, shopDocument), elementsOf(rival));
      if (answer?.type === "tail-taken") codes.add(answer.code ?? "taken");
    }
    expect([...codes]).toEqual(["taken", "too-many-apart"]);
    expect(victim.relay.branches().length).toBeLessThanOrEqual(100);
  });
});

describe("a tail that proves nothing of ours", () => {
  const writes = ({ relay }: VictimServer) =>
    relay.record({ store: "s1", staff: "" }, () => [cashSale]);

  it("stops nobody: the server goes on writing, and the run stands where its door would put it [WI2]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus);
    const own = await ownRun(corpus);
    const from = lengthOf(victim, shopDocument);
    const [length, taken] = [from + own.operations.length + 1, elementsOf(own)];
    expect(await tail(shopDocument, from, taken)).toMatchObject({ length });
    expect(victim.relay.trouble()).toBeUndefined();
    expect(await writes(victim)).toMatchObject({ ok: true });
    expect(victim.store.content.documents.get(shopDocument)?.slice(from, length)).toEqual(taken);
    expect(victim.alarms).toMatchObject([
      { kind: "server-rolled-back", detail: { proven: false } },
    ]);
  });

  it("is refused where its door would not put it: another month, a gap, a second history [LO2]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus);
    const own = await ownRun(corpus);
    const later = corpus.runs.filter(({ seal }) => seal.includes('"crook@s1"')).at(-1) as Run;
    const from = lengthOf(victim, shopDocument);
    const refused = { code: "nothing-of-ours" };
    expect(await tail("journal/1/s1/2026-10", 0, elementsOf(own))).toMatchObject(refused);
    expect(await tail("journal/1/s1/2026-12", 0, elementsOf(own))).toMatchObject(refused);
    expect(await tail(shopDocument, from, elementsOf(later))).toMatchObject(refused);
    expect(await tail(shopDocument, from, elementsOf(corpus.fork))).toMatchObject(refused);
    expect(lengthOf(victim, shopDocument)).toBe(from);
    expect(victim.relay.trouble()).toBeUndefined();
    expect(victim.alarms).toEqual([]);
  });

  it("an operation of the server's own that it does not know proves that it was put back [WI2]", async () => {
    const corpus = await makeCorpus();
    const isOurs = ({ seal }: Run) => seal.includes('"chain":"srv1@s1"');
    const known = corpus.runs.findIndex(isOurs);
    const { victim, tail } = await openDesk({ ...corpus, known });
    const lost = corpus.runs.slice(known, corpus.known);
    const from = lengthOf(victim, shopDocument);
    const elements = elementsOfRuns(lost);
    expect(await tail(shopDocument, from, elements)).toMatchObject({
      length: from + elements.length,
    });
    expect(victim.relay.trouble()).toBe("store-rolled-back");
    expect(await writes(victim)).toMatchObject({ ok: false });
  });

  it("nor does an operation in the server's name that somebody else sealed [J2]", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus);
    const { ledger } = victim.relay;
    const [text = ""] = (await ownRun(corpus)).operations;
    const { next } = ledger.head("srv1@s1");
    const changed = text
      .replace('"device":"crook"', '"device":"srv1"')
      .replace(/"seq":\d+/, `"seq":${next}`);
    const run = await sealAs(ledger, "srv1@s1", [changed], quickSigner("crook"));
    const from = lengthOf(victim, shopDocument);
    expect(await tail(shopDocument, from, elementsOf(run))).toMatchObject({ code: "bad-seal" });
    expect(victim.relay.trouble()).toBeUndefined();
  });

  it("nor an entry that any device may sign itself, whoever else it says has signed it [WI2] [AC6]", async () => {
    for (const others of [[], [{ by: "device:srv1", signer: quickSigner("crook") }]]) {
      const { victim, change } = await openLog();
      const key = quickSigner("heir").publicKey;
      const cut = { "crook@s1": victim.relay.ledger.head("crook@s1") };
      const body = { device: "heir", key, replaces: "crook", cut };
      const own = { by: "device:crook", signer: quickSigner("crook") };
      const answer = await change({ kind: "DeviceSucceeded", body }, [own, ...others]);
      expect(answer).not.toHaveProperty("code");
      expect(victim.relay.trouble()).toBeUndefined();
      expect(await writes(victim)).toMatchObject({ ok: true });
    }
  });

  it("an entry that the server signed and does not know proves it [WI2]", async () => {
    const { victim, change } = await openLog();
    const cut = { "crook@s1": victim.relay.ledger.head("crook@s1") };
    const body = { device: "crook", cut };
    const own = { by: "device:srv1", signer: quickSigner("srv1") };
    expect(await change({ kind: "DeviceFrozen", body }, [own])).not.toHaveProperty("code");
    expect(victim.relay.trouble()).toBe("store-rolled-back");
  });

  it.each([false, true])(
    "what can never be entered is not stored again and again (put back: %s) [J7]",
    async (isPutBack) => {
      const corpus = await makeCorpus();
      const { victim, tail } = await openDesk(corpus, { isPutBack });
      const { ledger } = victim.relay;
      const [text = ""] = (await ownRun(corpus)).operations;
      const [oldest = ""] = ledger.log.heads;
      const older = text.replace(/"auth":"[^"]+"/, `"auth":"${oldest}"`);
      const run = await sealAsCrook(ledger, [older], quickSigner("crook"));
      const from = lengthOf(victim, shopDocument);
      for (let again = 0; again < 3; again++) {
        const answer = await tail(shopDocument, from, elementsOf(run));
        expect(answer).toMatchObject({ code: "authority-went-back", length: from });
      }
    },
  );

  it("a run of another store has no place in a document, and one of no store in none at all", async () => {
    const corpus = await makeCorpus();
    const { victim, tail } = await openDesk(corpus, { isPutBack: true });
    const { relay } = victim;
    const [text = ""] = (await ownRun(corpus)).operations;
    const elsewhere = canonicalJson({ ...JSON.parse(text), store: "zz", seq: 0 });
    const run = await sealAs(relay.ledger, "crook@zz", [elsewhere], quickSigner("crook"));
    const from = lengthOf(victim, shopDocument);
    expect(await tail(shopDocument, from, elementsOf(run))).toMatchObject({ code: "other-store" });
    expect(await relay.submit(run, "crook")).toEqual({ ok: false, code: "unknown-store" });
    expect(relay.documents().map(({ name }) => name)).toEqual(["authority", shopDocument]);
    expect(relay.heads().has("crook@zz")).toBe(false);
  });
});

describe("a server that lies about tails", () => {
  it("is sent everything once, not the rest after every element [LO2]", async () => {
    const corpus = await makeCorpus();
    const elements = elementsOfRuns(corpus.runs);
    const replica = {
      authority: { term: 1 },
      documents: () => [{ name: shopDocument, length: elements.length }],
      documentLength: () => elements.length,
      readDocument: async (_name: string, from: number, most: number) =>
        elements.slice(from, from + most),
    };
    let sent = 0;
    const { differing } = await reconcileDocuments(
      {
        replica: replica as never,
        async ask(make) {
          const message = make(1);
          if (message.type === "compare")
            return { type: "compared", id: 1, standing: "shorter", length: 0, last: "" };
          if (message.type !== "tail") return undefined;
          sent += message.elements.length;
          return { type: "tail-taken", id: 1, length: message.from + 1 };
        },
      },
      [{ name: shopDocument, length: 0, running: true }],
    );
    expect(differing).toEqual(new Set([shopDocument]));
    expect(sent).toBeLessThanOrEqual(elements.length);
  });
});
