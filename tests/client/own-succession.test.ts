import { expect, test } from "vitest";
import { identitySetting, type OwnIdentity } from "../../client/shop/own-settings.ts";
import { createOwnSuccession } from "../../client/shop/own-succession.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { ownNextSetting } from "../../shared/replica/recorder.ts";
import type { IdentityTrouble } from "../../shared/replica/standing.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { signerOf } from "../harness/organisation.ts";

const identity: OwnIdentity = { org: "o", device: "me", store: "s", staff: "boss" };

async function profile(log: (signer: Signer) => AuthorityState | undefined = () => undefined) {
  const store = createMemoryStore();
  await store.commit({
    settings: { [identitySetting]: JSON.stringify(identity), [ownNextSetting]: "7" },
  });
  const keys = new Map<string, Signer>();
  let renewals = 0;
  let trouble: IdentityTrouble | undefined = "copied";
  const open = () =>
    createOwnSuccession({
      store,
      identity,
      trouble: () => trouble,
      clock: { nowMs: () => 1000 },
      signerNamed: async (name) => {
        const signer = keys.get(name) ?? signerOf(name);
        keys.set(name, signer);
        return signer;
      },
      knownSigner: async (name) => keys.get(name),
      readLog: async (signer) => log(signer),
      onRenewed: () => renewals++,
    });
  const kept = async () => {
    const { settings } = await store.load();
    const text = settings[identitySetting] ?? "{}";
    return { own: JSON.parse(text) as OwnIdentity, next: settings[ownNextSetting] };
  };
  const settle = () => {
    trouble = undefined;
  };
  return { store, keys, open, kept, settle, renewals: () => renewals };
}

const logWith = (key: string, closed = false): AuthorityState =>
  ({
    org: "o",
    devices: new Map([
      ["heir", { id: "heir", key, store: "s", ...(closed ? { closed: {} } : {}) }],
    ]),
  }) as unknown as AuthorityState;

test("the new identity and the forgotten count of the old one's operations are one write [ID1]", async () => {
  const { store, open, kept, settle, renewals } = await profile();
  const succession = open();
  const signer = await succession.newSigner();
  settle();
  store.failWith("full");
  await expect(
    succession.adopt({ org: "o", device: "heir", store: "s" }, signer),
  ).rejects.toThrow();
  expect(succession.isRenewed()).toBe(false);
  store.failWith(undefined);
  expect(await kept()).toEqual({ own: identity, next: "7" });
  await succession.adopt({ org: "o", device: "heir", store: "s" }, signer);
  const { own, next } = await kept();
  expect(next).toBe(undefined);
  expect(own).toEqual({
    ...identity,
    device: "heir",
    keyName: "device-key after me",
    renewal: { before: "me", why: "copied", atMs: 1000 },
  });
  expect(succession.isRenewed()).toBe(true);
  expect(renewals()).toBe(1);
});

test("a page closed between the server's word and its own goes on when it comes back [ID1]", async () => {
  const { open, kept } = await profile((signer) => logWith(signer.publicKey));
  await open().newSigner();
  const back = open();
  let told = 0;
  back.subscribe(() => told++);
  await back.notAdmitted();
  expect((await kept()).own.device).toBe("heir");
  expect(told).toBe(1);
});

test("a device that somebody else replaced takes nobody's identity", async () => {
  const replaced = await profile(() => logWith(signerOf("somebody else").publicKey));
  await replaced.open().notAdmitted();
  expect(replaced.keys.size).toBe(0);
  await replaced.open().newSigner();
  await replaced.open().notAdmitted();
  expect((await replaced.kept()).own).toEqual(identity);
  const closed = await profile((signer) => logWith(signer.publicKey, true));
  await closed.open().newSigner();
  await closed.open().notAdmitted();
  expect((await closed.kept()).own).toEqual(identity);
});
