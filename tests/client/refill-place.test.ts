import { describe, expect, test } from "vitest";
import { readPlace } from "../../client/shop/refill.ts";

const code = "ABCD-EFGH-JKMN-PQRS";

describe("where a new server is, as somebody types or scans it", () => {
  test.each([
    ["https://192.168.1.8:8443", code, "https://192.168.1.8:8443"],
    [" 192.168.1.8:8443 ", code.toLowerCase(), "https://192.168.1.8:8443"],
    ["shop.local:8443/settings", code, "https://shop.local:8443"],
    [`https://shop.local:8443/settings/refill#${code}`, "", "https://shop.local:8443"],
    ["http://localhost:9000", code, "http://localhost:9000"],
    ["http://127.0.0.1:9000/", code, "http://127.0.0.1:9000"],
  ])("%s is read [LO7]", (address, typed, origin) => {
    expect(readPlace(address, typed)).toEqual({ ok: true, value: { address: origin, code } });
  });

  test.each([
    ["", code, "address-malformed"],
    ["no address at all", code, "address-malformed"],
    ["http://192.168.1.8:8787", code, "address-insecure"],
    ["http://localhost.example:8787", code, "address-insecure"],
    ["ftp://shop.local", code, "address-malformed"],
    ["https://shop.local:8443", "ABCD-EFGH", "code-malformed"],
    ["https://shop.local:8443/#ABCD", "", "code-malformed"],
  ])("%s with %s is refused in words [LO7]", (address, typed, refusal) => {
    expect(readPlace(address, typed)).toEqual({ ok: false, refusal });
  });
});
