import { describe, expect, it } from "vitest";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import { KeyExchange } from "../../shared/replica/key-exchange.ts";
import type { DeviceMessage } from "../../shared/sync/messages.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { addMember } from "../harness/shop.ts";

const wrong = "A".repeat(43);

function exchangeOf(replica: DeviceReplica, remembered = new Map<string, string>()) {
  const sent: DeviceMessage[] = [];
  let id = 0;
  const remember = {
    get: (name: string) => remembered.get(name),
    set: (name: string, value: string) => void remembered.set(name, value),
  };
  const send = (message: DeviceMessage) => void sent.push(message);
  const exchange = new KeyExchange(replica, remember, send, () => ++id);
  return { exchange, sent };
}

const page = (keys: [string, string][], from = 0, total = keys.length) => ({
  type: "keys" as const,
  generation: 1,
  from,
  total,
  keys,
});

async function openShop() {
  const organisation = await TestOrganisation.found();
  const one = await organisation.enrol("till1");
  const two = await organisation.enrol("till2");
  return { organisation, one, two };
}

describe("keys that somebody poisoned", () => {
  it.each(["before", "after"])(
    "a wrong key that came %s the member gives way to the right one, now and after a restart [ME5]",
    async (when) => {
      const { organisation, one, two } = await openShop();
      if (when === "before") await two.replica.receiveKeys([["till1@s1:0", wrong]]);
      const member = await addMember(one.replica, "孟文", "13800000001");
      await organisation.collect(one);
      const right = organisation.keys.get(member) ?? "";
      organisation.keys.set(member, wrong);
      await organisation.deliver(two);
      expect(two.replica.member(member)?.key).toBe("fetching");
      await two.replica.receiveKeys([[member, right]]);
      await two.replica.receiveKeys([[member, wrong]]);
      expect(two.replica.member(member)?.fields["name"]).toBe("孟文");
      const again = await organisation.open("till2", two.store);
      expect(again.member(member)?.fields["name"]).toBe("孟文");
    },
  );

  it("a key for a member whom this device has not added yet does not take the place of its own [ME5]", async () => {
    const { one } = await openShop();
    await one.replica.receiveKeys([["till1@s1:0", wrong]]);
    const member = await addMember(one.replica, "孟文", "13800000001");
    expect(member).toBe("till1@s1:0");
    expect(one.replica.member(member)?.fields["name"]).toBe("孟文");
    expect(one.replica.keyText(member)).not.toBe(wrong);
  });

  it("what is missing is read again from the beginning, once; what is wrong there is put right [ME5]", async () => {
    const { organisation, one, two } = await openShop();
    const member = await addMember(one.replica, "孟文", "13800000001");
    await organisation.collect(one);
    const right = organisation.keys.get(member) ?? "";
    organisation.keys.set(member, wrong);
    await organisation.deliver(two);

    const reader = exchangeOf(two.replica, new Map([["keyring", "1:2"]]));
    reader.exchange.start();
    await reader.exchange.take(page([], 2, 2));
    const asked = (from: number) => ({ type: "keys-get", generation: 1, from });
    expect(reader.sent).toEqual([asked(2), asked(0)]);
    await reader.exchange.take(page([[member, wrong]], 0, 2));
    await reader.exchange.take(page([[member, wrong]], 1, 2));
    expect(reader.sent, "not again for the same").toEqual([asked(2), asked(0), asked(1)]);
    await reader.exchange.take(page([[member, right]], 2, 3));
    expect(two.replica.member(member)?.fields["name"]).toBe("孟文");

    const owner = exchangeOf(one.replica);
    owner.exchange.start();
    await owner.exchange.take(page([[member, wrong]]));
    expect(owner.exchange.isThere(member)).toBe(false);
    const put = owner.sent.find(({ type }) => type === "keys-put");
    expect(put).toMatchObject({ keys: [[member, right]] });
  });
});
