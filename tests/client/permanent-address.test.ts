import { expect, test } from "vitest";
import { inviteSuccessor } from "../../client/journeys/address/successor.ts";
import { addressIn, standpointOf } from "../../client/shop/permanent-address.ts";
import { readPairingCode } from "../../shared/access/pairing-code.ts";

test("only an https origin is believed to be the address of the app [HT9]", () => {
  const join = "http://192.168.1.20:8787/join";
  expect(addressIn({ mode: "ready", origin: "https://192.168.1.20:8443", join })).toEqual({
    origin: "https://192.168.1.20:8443",
    join,
  });
  expect(addressIn({ origin: "https://shop.example", join: "javascript:alert(1)" })).toEqual({
    origin: "https://shop.example",
    join: undefined,
  });
  for (const origin of [
    ...["http://192.168.1.20:8787", "https://shop.example/", "https://shop.example/path"],
    ...["https://me@shop.example", "javascript:alert(1)", "shop.example", "", undefined, 7],
  ])
    expect(addressIn({ origin }), String(origin)).toBeUndefined();
  for (const body of [undefined, null, "x", []]) expect(addressIn(body)).toBeUndefined();
});

test("localhost is the server's own computer and may stay; every other address is to be left [HT10]", () => {
  const address = { origin: "https://shop.example:8443", join: undefined };
  const at = (link: string) => standpointOf(address, new URL(link));
  expect(at("https://shop.example:8443/members")).toBe("here");
  for (const link of ["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787"])
    expect(at(link), link).toBe("server");
  for (const link of [
    ...["https://shop.example", "http://shop.example:8443", "https://192.168.1.20:8443"],
    ...["http://localhost.example", "http://127.example", "http://mylocalhost:8787"],
  ])
    expect(at(link), link).toBe("elsewhere");
  expect(standpointOf(undefined, new URL("https://shop.example"))).toBe("unchosen");
});

test("a device that moves is invited as what it was, in its own place, for half an hour [HT10]", () => {
  const device = {
    id: "d1",
    name: "前台",
    key: "k",
    store: "s1",
    ceiling: "manager" as const,
    till: true,
    server: false,
    staff: "p1",
    since: 3,
  };
  const { made, proposal } = inviteSuccessor(device, 1000);
  expect(readPairingCode(made.code)).toBe(made.code);
  expect(proposal).toEqual({
    kind: "DeviceInvited",
    body: {
      key: made.invitation,
      store: "s1",
      ceiling: "manager",
      till: true,
      staff: "p1",
      replaces: "d1",
      expires: 1000 + 30 * 60 * 1000,
    },
  });
  const shared = inviteSuccessor({ ...device, staff: undefined }, 1000);
  expect(shared.proposal.body).not.toHaveProperty("staff");
  expect(shared.made.code).not.toBe(made.code);
});
