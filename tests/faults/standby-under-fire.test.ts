import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { recoveryWords } from "../../shared/access/recovery-key.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { act } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  joinDevice,
  scratchFolder,
  startFoundedServer,
} from "../server/server-harness.ts";
import { freePort } from "../services/free-port.ts";
import { spawnServer } from "./child-server.ts";

const sellEveryMs = 25;
const saleFen = 1_25;

interface Till {
  headless: HeadlessReplica;
  session: DeviceSession;
}

test("real processes: the server is killed during sales, the standby goes on, the old one comes back and changes nothing [SB3] [SB4]", {
  timeout: 90_000,
}, async () => {
  const [dir, spareDir] = [await scratchFolder(), await scratchFolder()];
  const founded = await startFoundedServer(dir);
  const { platform, ownerCode, recovery } = founded;
  const { port } = founded.server;
  await founded.stop();
  const card = join(spareDir, "words.txt");
  await writeFile(card, recoveryWords(recovery, "en").join(" "));
  let primary = await spawnServer(dir, port);
  atEnd(() => primary.kill());
  const ask = async (folder: string, command: string, args = {}) => {
    const answer = await unixControlSocket.ask(folder, command, args);
    if (answer?.exit !== 0) throw new Error(answer?.text ?? `nobody serves ${command}`);
    return answer.json;
  };

  const enrol = async (code: string, name: string): Promise<Till> => {
    const headless = await joinDevice(platform, primary.url, code, name);
    return { headless, session: headless.connect() };
  };
  const first = await enrol(ownerCode, "front till");
  await eventually(() => first.session.isSettled(), "the first till is online");
  const invite = async (till: boolean) => {
    const command = { command: "InviteDevice", till };
    const { session, headless } = first;
    const invited = await doCommand(platform, headless, command, { session });
    return invited.ok && "code" in invited.value ? invited.value.code : "";
  };
  const sparePort = await freePort();
  const address = `http://127.0.0.1:${sparePort}`;
  const asked = ["--of", primary.url, "--code", await invite(false), "--address", address];
  const spare = await spawnServer(spareDir, sparePort, ["standby", ...asked]);
  atEnd(() => spare.kill());
  const tills = [first, await enrol(await invite(true), "tablet")];
  await ask(dir, "standby name", { device: "standby", address });

  let sold = 0;
  const selling = setInterval(() => {
    for (const { headless } of tills) {
      sold++;
      void act(headless.replica, {
        command: "RecordSale",
        items: [{ name: "剪发", quantity: 1, list: saleFen, discount: 0 }],
        tenders: [{ tender: "cash", amount: saleFen }],
      });
    }
  }, sellEveryMs);
  atEnd(async () => clearInterval(selling));
  const allSold = (most: number) => eventually(() => sold >= most, `${most} sales`);
  await allSold(100);
  await primary.kill();
  await allSold(sold + 20);
  const told = (await unixControlSocket.ask(spareDir, "promote", { keyFile: card })) ?? undefined;
  // Killed between a checkpoint and the document: what it names the tills have.
  if (told?.exit !== 0) await ask(spareDir, "promote", { keyFile: card, despiteMissing: true });
  await allSold(sold + 60);
  clearInterval(selling);

  const agree = async () => {
    const { hash, counts, trialBalance } = (await ask(spareDir, "state-hash")) as StateSummary;
    const isSame = tills.every(
      ({ session, headless }) => session.isSettled() && headless.replica.summary().hash === hash,
    );
    return isSame && counts.sales === sold ? { counts, trialBalance } : undefined;
  };
  const expectAgreement = async () => {
    await eventually(async () => (await agree()) !== undefined, "all agree", 30_000);
    const state = await agree();
    expect(state?.trialBalance["tender/cash"]).toBe(sold * saleFen);
    expect(state?.counts).toMatchObject({ waiting: 0, quarantined: 0, refused: 0 });
  };
  await eventually(
    () => unixControlSocket.ask(spareDir, "state-hash", {}).then((one) => one?.exit === 0),
    "the standby serves",
  );
  await expectAgreement();

  primary = await spawnServer(dir, port);
  const mode = async () => {
    const { mode: told } = (await (await fetch(`${primary.url}/api/v1/organisation`)).json()) as {
      mode: string;
    };
    return told;
  };
  await eventually(async () => (await mode()) === "superseded", "the old one is told", 20_000);
  await act(first.headless.replica, {
    command: "RecordSale",
    items: [{ name: "洗发", quantity: 1, list: saleFen, discount: 0 }],
    tenders: [{ tender: "cash", amount: saleFen }],
  });
  sold++;
  await expectAgreement();
});
