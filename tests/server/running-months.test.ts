import { expect, test } from "vitest";
import { isRunning, runningDocument } from "../../server/relay/running-months.ts";

const at = (nowMs: number, store = "shop", term = 1) => ({
  term,
  store,
  nowMs,
  timeZone: "Asia/Shanghai",
});

test("a month begins at the shop's midnight, not at the server's", () => {
  const lastMoment = Date.UTC(2026, 10, 30, 15, 59, 59);
  expect(runningDocument([], at(lastMoment))).toBe("journal/1/shop/2026-11");
  expect(runningDocument([], at(lastMoment + 1000))).toBe("journal/1/shop/2026-12");
});

test("the running month never goes back, whatever the server's clock says", () => {
  const documents = ["authority", "journal/1/shop/2026-11", "journal/1/shop/2026-12"];
  expect(runningDocument(documents, at(0))).toBe("journal/1/shop/2026-12");
  expect(documents.filter((name) => isRunning(documents, name))).toEqual([
    "authority",
    "journal/1/shop/2026-12",
  ]);
});

test("every store and every term has months of its own", () => {
  const documents = ["journal/1/shop/2030-01"];
  const now = Date.UTC(2026, 10, 23);
  expect(runningDocument(documents, at(now, "other"))).toBe("journal/1/other/2026-11");
  expect(runningDocument(documents, at(now, "shop", 2))).toBe("journal/2/shop/2026-11");
  expect(isRunning(["journal/1/a/2026-11", "journal/1/b/2026-12"], "journal/1/a/2026-11")).toBe(
    true,
  );
});
