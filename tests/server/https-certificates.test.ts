import { readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { x509Certificates } from "../../server/adapters/x509-certificates.ts";
import { isChoosable, isPermitted } from "../../server/https/host-names.ts";
import {
  bytesOf,
  dayMs,
  hourMs,
  keepHttps,
  makeOwnFiles,
  opensslOn,
  textOf,
} from "./https-harness.ts";
import { scratchFolder } from "./server-harness.ts";

const hostsOf = (standing: { leaf: { facts: { hosts: readonly string[] } } | undefined }) => [
  ...(standing.leaf?.facts.hosts ?? []),
];

test("the authority vouches for the shop's names and private addresses, and for nobody's bank [HT1]", async () => {
  const { keeper } = await keepHttps();
  const made = await keeper.create(["shop.example.com"], { replace: false });
  if (!made.ok) throw new Error(made.refusal.code);
  const { authority, leaf } = made.value;
  if (!authority || !leaf) throw new Error("nothing was made");
  expect(hostsOf(made.value)).toEqual([
    "localhost",
    "127.0.0.1",
    "::1",
    "desktop-1.local",
    "desktop-1",
    "shop.example.com",
    "192.168.1.20",
  ]);
  for (const host of ["localhost", "desktop-1.local", "desktop-1", "shop.example.com"])
    expect(
      await opensslOn(leaf.certificate, authority.certificate, ["-verify_hostname", host]),
    ).toBe("");
  for (const address of ["127.0.0.1", "::1", "192.168.1.20"])
    expect(await opensslOn(leaf.certificate, authority.certificate, ["-verify_ip", address])).toBe(
      "",
    );
  const life = { fromMs: Date.now() - dayMs, untilMs: Date.now() + dayMs };
  for (const host of [
    "bank.example.com",
    "example.com",
    "localhost.com",
    "8.8.8.8",
    "172.32.0.1",
  ]) {
    const stolen = await x509Certificates.issue(authority, {
      subject: "somebody",
      hosts: [host],
      ...life,
    });
    expect(await opensslOn(stolen.certificate, authority.certificate), host).toMatch(
      /permitted subtree violation/,
    );
  }
  for (const host of ["till.local", "www.shop.example.com", "10.1.2.3", "100.100.1.1", "fd12::7"]) {
    const own = await x509Certificates.issue(authority, {
      subject: "somebody",
      hosts: [host],
      ...life,
    });
    expect(await opensslOn(own.certificate, authority.certificate), host).toBe("");
  }
});

test("the authority signs servers and no further authority, for ten years; a server's is for 397 days at most [HT1] [HT3]", async () => {
  const { keeper } = await keepHttps();
  const made = await keeper.create([], { replace: false });
  if (!made.ok || !made.value.authority || !made.value.leaf) throw new Error("nothing was made");
  const { authority, leaf } = made.value;
  const root = await textOf(authority.certificate);
  expect(root).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  expect(root).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
  expect(root).toMatch(/Name Constraints: critical\s+Permitted:/);
  expect(root).toMatch(/prime256v1/);
  const shown = await textOf(leaf.certificate);
  expect(shown).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
  expect(shown).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication/);
  const days = ({ facts }: typeof leaf) => (facts.untilMs - facts.fromMs) / dayMs;
  expect(days(leaf)).toBeLessThanOrEqual(397);
  expect(days(leaf)).toBeGreaterThan(390);
  expect(days(authority)).toBe(3650);
  expect(leaf.facts.untilMs).toBeLessThanOrEqual(authority.facts.untilMs);
});

test("a bare name that could be a top-level domain is left to .local, and is refused as a choice [HT1]", async () => {
  const { keeper, machine } = await keepHttps();
  machine.name = "shop";
  expect(await keeper.create(["bank"], { replace: false })).toEqual({
    ok: false,
    refusal: { code: "name-invalid", name: "bank" },
  });
  const made = await keeper.create([], { replace: false });
  if (!made.ok || !made.value.authority) throw new Error("nothing was made");
  expect(hostsOf(made.value)).toContain("shop.local");
  expect(hostsOf(made.value)).not.toContain("shop");
  expect(await textOf(made.value.authority.certificate)).not.toMatch(/DNS:shop\b/);
  expect(["nas01", "desktop-1", "shop.example"].every(isChoosable)).toBe(true);
  expect(["com", "shop", "xn--p1ai"].some(isChoosable)).toBe(false);
  expect(isPermitted("evil-desktop-1", ["desktop-1"])).toBe(false);
});

test("keys are readable by their owner only, and are never told [HT6]", async () => {
  const { keeper, dir, path } = await keepHttps();
  await keeper.create([], { replace: false });
  expect((await stat(`${dir}/https`)).mode & 0o777).toBe(0o700);
  const names = await readdir(`${dir}/https`);
  expect(names).toEqual(["authority.pem", "https.json", "server.pem"]);
  for (const name of names) expect((await stat(path(name))).mode & 0o777, name).toBe(0o600);
});

test("a second authority is made only when it is asked for; the first is kept beside it [HT2]", async () => {
  const { keeper, dir, path } = await keepHttps();
  await keeper.create([], { replace: false });
  const first = await bytesOf(path("authority.pem"));
  const again = await keeper.create([], { replace: false });
  expect(again).toMatchObject({ ok: false, refusal: { code: "already-there" } });
  expect(await bytesOf(path("authority.pem"))).toBe(first);
  const replaced = await keeper.create(["shop.example"], { replace: true });
  if (!replaced.ok || !replaced.value.leaf) throw new Error("nothing was made");
  const second = await bytesOf(path("authority.pem"));
  expect(second).not.toBe(first);
  expect(await opensslOn(replaced.value.leaf.certificate, second)).toBe("");
  const kept = (await readdir(`${dir}/https`)).filter((name) => name.startsWith("authority-until"));
  expect(kept).toHaveLength(1);
  expect(await bytesOf(path(kept[0] ?? ""))).toBe(first);
});

test("it is renewed thirty days before its end, by itself, and the authority stays [HT3]", async () => {
  const { keeper, clock, timers, path } = await keepHttps();
  await keeper.create([], { replace: false });
  await keeper.start();
  const root = await bytesOf(path("authority.pem"));
  const first = keeper.standing.leaf;
  if (!first) throw new Error("nothing was made");
  const changes = new Set<string>();
  keeper.listen(async ({ leaf }) => void changes.add(leaf?.certificate ?? ""));
  clock.now = first.facts.untilMs - 31 * dayMs;
  await passed(timers, keeper);
  expect([...changes]).toEqual([first.certificate]);
  clock.now = first.facts.untilMs - 29 * dayMs;
  await passed(timers, keeper);
  expect(changes.size).toBe(2);
  const second = keeper.standing.leaf;
  expect(second?.facts.untilMs).toBeGreaterThan(clock.now + 390 * dayMs);
  expect(await bytesOf(path("authority.pem"))).toBe(root);
  await passed(timers, keeper);
  expect(changes.size).toBe(2);
});

test("it is renewed when the machine's addresses or the chosen address are no longer covered [HT3]", async () => {
  let chosen: string | undefined;
  const { keeper, machine, timers } = await keepHttps({ chosen: () => chosen });
  await keeper.create([], { replace: false });
  await keeper.start();
  const first = keeper.standing.leaf?.certificate;
  machine.at = [{ address: "192.168.3.4", network: "eth0" }];
  await passed(timers, keeper);
  expect(hostsOf(keeper.standing)).toContain("192.168.3.4");
  const second = keeper.standing.leaf?.certificate;
  expect(second).not.toBe(first);
  chosen = "192.168.1.20";
  await passed(timers, keeper);
  expect(hostsOf(keeper.standing)).toContain("192.168.1.20");
  expect(keeper.standing.leaf?.certificate).not.toBe(second);
});

test("neither an authority's end nor its last month makes it renew for ever [HT3]", async () => {
  const { keeper, clock, log } = await keepHttps();
  await keeper.create([], { replace: false });
  const root = (await keeper.look()).authority;
  if (!root) throw new Error("nothing was made");
  clock.now = root.facts.untilMs - 10 * dayMs;
  const last = await keeper.look();
  expect(last.leaf?.facts.untilMs).toBe(root.facts.untilMs);
  expect(last.trouble[0]?.what).toMatch(/make a new one/);
  expect((await keeper.look()).leaf?.certificate).toBe(last.leaf?.certificate);
  clock.now = root.facts.untilMs + dayMs;
  const ended = await keeper.look();
  expect(ended.trouble[0]?.what).toMatch(/ended on/);
  expect(ended.leaf?.certificate).toBe(last.leaf?.certificate);
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
});

test.each([
  ["server.pem", "cut", 300],
  ["server.pem", "empty", 0],
  ["server.pem", "gone", undefined],
] as const)("%s that is %s is made anew [HT5]", async (name, _how, left) => {
  const { keeper, path, again } = await keepHttps();
  await keeper.create([], { replace: false });
  if (left === undefined) await rm(path(name));
  else await truncate(path(name), left);
  const standing = await again().look();
  expect(standing.trouble).toEqual([]);
  expect(
    await opensslOn(standing.leaf?.certificate ?? "", standing.authority?.certificate ?? ""),
  ).toBe("");
});

test.each([
  ["authority.pem", "cut"],
  ["authority.pem", "gone"],
  ["authority.pem", "with another's key"],
  ["https.json", "cut"],
] as const)(
  "%s that is %s is named; what is good is served on, and nothing is overwritten [HT5]",
  async (name, how) => {
    const { keeper, path, again, log, machine } = await keepHttps();
    await keeper.create(["shop.example"], { replace: false });
    const before = keeper.standing.leaf?.certificate;
    // Something to renew for: but by what is left, some names would be forgotten.
    machine.at = [{ address: "192.168.7.8", network: "eth0" }];
    if (how === "gone") await rm(path(name));
    else if (how === "cut") await truncate(path(name), 20);
    else {
      const leaf = await bytesOf(path("server.pem"));
      const root = await bytesOf(path(name));
      await writeFile(
        path(name),
        root.slice(0, root.indexOf("-----BEGIN PRIVATE")) +
          leaf.slice(leaf.indexOf("-----BEGIN PRIVATE")),
      );
    }
    const restarted = again();
    const standing = await restarted.look();
    expect(standing.kind).toBe("local");
    expect(standing.leaf?.certificate).toBe(before);
    expect(standing.trouble).toHaveLength(1);
    expect(standing.trouble[0]?.where).toBe(path(name));
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await restarted.look();
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    if (how === "gone") return;
    const left = await bytesOf(path(name));
    expect(await restarted.create([], { replace: false })).toMatchObject({ ok: false });
    expect(await bytesOf(path(name))).toBe(left);
  },
);

test("own certificate files are read where they lie, again and again; a pair that does not fit changes nothing [HT4]", async () => {
  const { keeper, timers, log, path } = await keepHttps();
  const folder = await scratchFolder();
  const own = await makeOwnFiles(folder);
  expect(await keeper.use({ ...own, key: own.cert })).toEqual({
    ok: false,
    refusal: { code: "certificate-unreadable" },
  });
  const used = await keeper.use(own);
  if (!used.ok) throw new Error(used.refusal.code);
  expect(hostsOf(used.value)).toEqual(["shop.example", "localhost"]);
  expect(await bytesOf(path("https.json"))).not.toContain("PRIVATE");
  await keeper.start();
  const first = keeper.standing.leaf?.certificate;
  const [cert, key] = [await bytesOf(own.cert), await bytesOf(own.key)];
  await makeOwnFiles(folder);
  const fresh = await bytesOf(own.cert);
  await writeFile(own.key, key);
  await passed(timers, keeper);
  expect(keeper.standing.leaf?.certificate).toBe(first);
  expect(keeper.standing.trouble[0]?.what).toMatch(/last good pair is in use/);
  await writeFile(own.cert, cert);
  await passed(timers, keeper);
  expect(keeper.standing.trouble).toEqual([]);
  await makeOwnFiles(folder);
  await passed(timers, keeper);
  const third = await bytesOf(own.cert);
  expect(keeper.standing.leaf?.certificate).toBe(third);
  expect(new Set([first, fresh, third]).size).toBe(3);
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("who renews own files is reminded two weeks before their end [HT4]", async () => {
  const { keeper, clock } = await keepHttps();
  const own = await makeOwnFiles(await scratchFolder(), 30);
  await keeper.use(own);
  clock.now += 17 * dayMs;
  expect((await keeper.look()).trouble[0]?.what).toMatch(/whoever renews it has not/);
  clock.now += 20 * dayMs;
  expect(await keeper.use(own)).toEqual({ ok: false, refusal: { code: "certificate-ended" } });
});

test("from own files there is a way back to the authority that devices trust [HT2]", async () => {
  const { keeper, path } = await keepHttps();
  await keeper.create([], { replace: false });
  const root = await bytesOf(path("authority.pem"));
  await keeper.use(await makeOwnFiles(await scratchFolder()));
  expect(keeper.standing.kind).toBe("own");
  const back = await keeper.create([], { replace: false });
  expect(back).toMatchObject({ ok: true, value: { kind: "local", own: undefined } });
  expect(await bytesOf(path("authority.pem"))).toBe(root);
});

test("names are added within what the authority may vouch for, and no further [HT1] [HT3]", async () => {
  const { keeper } = await keepHttps();
  expect(await keeper.renew([])).toEqual({ ok: false, refusal: { code: "no-authority" } });
  await keeper.create(["shop.example"], { replace: false });
  const renewed = await keeper.renew(["till.local", "www.shop.example"]);
  if (!renewed.ok) throw new Error(renewed.refusal.code);
  expect(hostsOf(renewed.value)).toEqual(
    expect.arrayContaining(["till.local", "www.shop.example"]),
  );
  const before = keeper.standing.leaf?.certificate;
  expect(await keeper.renew(["bank.example"])).toEqual({
    ok: false,
    refusal: { code: "not-permitted", name: "bank.example" },
  });
  expect(keeper.standing.leaf?.certificate).toBe(before);
});

/** An hour goes by, and what was due then is done. */
async function passed(
  timers: { pass(ms: number): Promise<void> },
  keeper: { look(): Promise<unknown> },
): Promise<void> {
  await timers.pass(hourMs);
  // The look that was due stands before this one; it changes nothing more.
  await keeper.look();
}
