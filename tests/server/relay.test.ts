import { expect, test } from "vitest";
import { doCommand } from "../../server/headless/do-command.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { act, chargeCommand } from "../harness/shop.ts";
import { eventually, joinDevice, scratchFolder, startFoundedServer } from "./server-harness.ts";

test("what one device does reaches the server's disk and the other device", async () => {
  const dir = await scratchFolder();
  const { platform, url, ownerCode, data } = await startFoundedServer(dir);
  const first = await joinDevice(platform, url, ownerCode, "前台");
  const session = first.connect();
  await eventually(() => session.status().state === "online", "the first device is online");
  const owner = [...first.replica.authority.staff.keys()][0] ?? "";
  const member = await act(
    first.replica,
    { command: "AddMember", fields: { name: "张三", phone: "13800000001" } },
    owner,
  );
  await act(
    first.replica,
    {
      command: "TopUp",
      member,
      principal: 10_000,
      bonus: 1000,
      tenders: [{ tender: "cash", amount: 10_000 }],
    },
    owner,
  );
  await eventually(() => first.replica.unsent() === 0, "everything is on the server");
  expect(first.replica.saved(member).onServer).toBe(true);

  const invited = await doCommand(
    platform,
    first,
    { command: "InviteDevice", ceiling: "cashier", till: true },
    { session },
  );
  expect(invited.ok).toBe(true);
  const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
  const second = await joinDevice(platform, url, code, "平板");
  const other = second.connect();
  await eventually(() => other.isSettled() && second.replica.isComplete(), "the second has all");
  await eventually(
    () => second.replica.member(member)?.fields["name"] === "张三",
    "the second can read the name",
  );
  // With two tills value lives at the server, which gives what a charge needs.
  await eventually(
    () => first.replica.spendable(member) < 11_000 && first.replica.unsent() === 0,
    "value went home",
  );
  const given = await other.requestValue(member, 5000);
  expect(given).toEqual({ ok: true, value: undefined });
  await act(second.replica, chargeCommand(member, 5000), owner);
  await eventually(
    () =>
      session.isSettled() &&
      other.isSettled() &&
      first.replica.summary().hash === second.replica.summary().hash,
    "both devices agree",
  );
  const server = summarise(data.relay.ledger);
  expect(first.replica.summary()).toEqual(server);
  expect(server.liabilities).toEqual({ principal: 10_000 - 4545, bonus: 1000 - 455 });
});
