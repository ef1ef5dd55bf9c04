import { expect, test } from "vitest";
import { ServerAddresses } from "../../shared/replica/server-addresses.ts";
import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

const home = "https://till.local:8443";
const spare = "https://spare.local:8443";
const other = "https://other.local:8443";

interface Answer {
  mode?: string;
  org?: string;
  term?: number;
  addresses?: unknown;
}

/** A device of term 2 of the shop `org`; `answers` says what is at each address, nothing where it is absent. */
function openDevice(answers: Record<string, Answer | "silent" | undefined>, from = home) {
  const remembered = new Map<string, string>();
  const asked: string[] = [];
  const apiAt = (address: string): ServerApi => ({
    get: async () => {
      asked.push(address);
      const answer = answers[address];
      if (answer === "silent") return new Promise(() => undefined);
      if (!answer) throw new Unreachable(address);
      return { status: 200, body: { mode: "ready", org: "org", term: 2, ...answer } };
    },
    post: async () => ({ status: 200, body: address }),
  });
  const device = new ServerAddresses({
    home: from,
    apiAt,
    timers: {
      after: (_ms, run) => {
        const timer = setTimeout(run, 5);
        return () => clearTimeout(timer);
      },
    },
    remember: {
      get: (name) => remembered.get(name),
      set: (name, value) => void remembered.set(name, value),
    },
    known: () => ({ org: "org", term: 2 }),
  });
  return { device, answers, asked };
}

async function addressAfter(
  answers: Record<string, Answer | "silent" | undefined>,
  told: unknown = [spare, other],
): Promise<string> {
  const opened = openDevice({ [home]: { addresses: told } });
  await opened.device.choose();
  opened.answers[home] = undefined;
  Object.assign(opened.answers, answers);
  await opened.device.choose();
  return opened.device.address;
}

test("a device stays at home while its shop's server is there [SB3]", async () => {
  const here = { addresses: [spare] };
  expect(await addressAfter({ [home]: here, [spare]: { term: 3 } })).toBe(home);
});

test("away from home it goes where the latest term of its own shop is served [SB3]", async () => {
  expect(await addressAfter({ [spare]: { term: 3 } })).toBe(spare);
  expect(await addressAfter({ [spare]: { term: 3 }, [other]: { term: 4 } })).toBe(other);
  expect(await addressAfter({ [home]: "silent", [spare]: { term: 3 } })).toBe(spare);
  expect(await addressAfter({ [home]: { mode: "superseded" }, [spare]: { term: 3 } })).toBe(spare);
});

test("a server of an earlier term, a standby or another shop's is none of its [SB2] [SB4]", async () => {
  expect(await addressAfter({ [home]: { term: 1 }, [spare]: { term: 3 } })).toBe(spare);
  expect(await addressAfter({ [spare]: { term: 1 } })).toBe(home);
  expect(await addressAfter({ [spare]: { mode: "standby" } })).toBe(home);
  expect(await addressAfter({ [spare]: { org: "foreign", term: 9 } })).toBe(home);
});

test("it speaks to the address that it chose, and goes home again when the server is there [SB3]", async () => {
  const { device, answers } = openDevice({ [home]: { addresses: [spare] } });
  expect(device.socketUrl).toBe("wss://till.local:8443/sync");
  await device.choose();
  answers[home] = undefined;
  answers[spare] = { term: 3, addresses: [spare] };
  await device.choose();
  expect(device.socketUrl).toBe("wss://spare.local:8443/sync");
  expect((await device.post("/", {})).body).toBe(spare);
  answers[home] = { term: 3 };
  await device.choose();
  expect((await device.post("/", {})).body).toBe(home);
});

test("who came over https goes nowhere without, and nowhere that is no address [SB3]", async () => {
  const told = ["http://spare.local:8787", "https://spare.local/path", "javascript:alert(1)", ""];
  const { device, asked } = openDevice({ [home]: { addresses: told } });
  await device.choose();
  await device.choose();
  expect(new Set(asked)).toEqual(new Set([home]));
  const plain = openDevice({ "http://till:1": { addresses: told } }, "http://till:1");
  await plain.device.choose();
  await plain.device.choose();
  expect(new Set(plain.asked)).toEqual(new Set(["http://till:1", told[0]]));
});
