import { expect, test } from "vitest";
import { readDeviceCookie } from "../../client/adapters/device-cookie.ts";

const cookie = (value: unknown) =>
  `theme=dark; d-http-80=%7B%7D; d=${encodeURIComponent(JSON.stringify(value))}`;
const read = (value: unknown) => readDeviceCookie(cookie(value), "d");

test("a cleared browser reads who it was", () => {
  expect(read({ id: "j5tdek2spt", name: "前台; =平板" })).toEqual({
    id: "j5tdek2spt",
    name: "前台; =平板",
  });
});

test("what is not ours is nobody", () => {
  expect(readDeviceCookie("", "d")).toBe(undefined);
  expect(readDeviceCookie("dd=x", "d")).toBe(undefined);
  expect(readDeviceCookie("d=%E0%A4%A", "d")).toBe(undefined);
  expect(read(null)).toBe(undefined);
  expect(read("x")).toBe(undefined);
  expect(read({ id: "A b", name: "x" })).toBe(undefined);
  expect(read({ id: "a", name: "  " })).toBe(undefined);
  expect(read({ id: "a", name: 7 })).toBe(undefined);
});

test("a name is never longer than a device's may be", () => {
  expect(read({ id: "a", name: "字".repeat(500) })?.name).toHaveLength(80);
});
