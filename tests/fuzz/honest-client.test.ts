import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { chainOf } from "../../shared/journal/operation.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { effort, patience } from "../harness/effort.ts";
import { control, enrolRaw, inviteByRecovery, type RawSocket } from "../server/raw-device.ts";
import { scratchFolder, startFoundedServer } from "../server/server-harness.ts";
import { runCampaign } from "./campaign.ts";
import { cashSale, makeCorpus } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { deviceMessages, messageFrame, syncFrames } from "./frames.ts";
import { mutateBytes } from "./mutate-bytes.ts";

/** An honest sale is on the server's disk within this, whatever else is sent. */
const answerMsMax = 5000;

it("while one device sends rubbish over real sockets, another goes on selling, and every sale is acknowledged", {
  timeout: patience(120_000),
}, async () => {
  const server = await startFoundedServer(await scratchFolder());
  const honest = await enrolRaw(server, await inviteByRecovery(server));
  const crook = await enrolRaw(server, await inviteByRecovery(server, { ceiling: "cashier" }));
  const till = await honest.connect(control);
  const messages = deviceMessages(await makeCorpus());
  const chain = chainOf(honest.identity);
  let sold = 0;
  const sell = async (): Promise<void> => {
    const run = await honest.author([cashSale]);
    const id = ++sold;
    till.say({ type: "submit", id, run });
    const slow = AbortSignal.timeout(answerMsMax);
    const late = new Promise((_resolve, reject) => {
      slow.onabort = () => reject(new Error(`sale ${id} was not acknowledged`));
    });
    expect(await Promise.race([till.answer(id), late])).toMatchObject({ type: "accepted" });
    slow.onabort = null;
    till.messages.length = 0;
    const checked = await honest.ledger.check(run, { verify: false });
    if (checked.ok) honest.ledger.enter(checked.value, Date.now());
  };
  let line: RawSocket | undefined;
  const frame = (dice: Dice): Uint8Array | string => {
    if (dice.oneIn(60)) return "text";
    if (dice.oneIn(60)) return new Uint8Array(dice.of([1_048_577, 2_000_000]));
    if (!dice.oneIn(3)) return messageFrame(messages, dice);
    const made = syncFrames(control, dice);
    return dice.oneIn(2) ? made : mutateBytes(made, dice, made);
  };
  await runCampaign<{ frames: (Uint8Array | string)[] }>({
    name: "honest-client",
    count: effort(1500, 15_000),
    make: (dice) => ({ frames: Array.from({ length: 3 }, () => frame(dice)) }),
    async attack({ frames }) {
      if (line?.socket.readyState !== WebSocket.OPEN) line = await crook.connect(control);
      for (const bytes of frames)
        if (line.socket.readyState === WebSocket.OPEN) line.socket.send(bytes);
    },
    look: sell,
    lookEvery: 20,
    show: ({ frames }) => frames.map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n"),
  });
  const { relay } = server.data;
  expect(relay.heads().get(chain)?.next).toBe(sold);
  expect(relay.heads().get(chainOf(crook.identity))?.next ?? 0).toBe(0);
  expect(summarise(relay.ledger).counts).toMatchObject({ operations: sold, sales: sold });
  expect(relay.trouble()).toBeUndefined();
  expect(server.log.lines.filter(({ message }) => message === "fold-broken")).toEqual([]);
});
