import "./ambient.ts";
import { expect, test } from "vitest";
import { patience } from "../harness/effort.ts";
import { expectUnbroken, seedsOf } from "./try-seeds.ts";

test(
  "a shop in which everything goes wrong loses nothing, tells everything and agrees [J3] [J8] [SV3] [LO1], even seeds",
  async () => {
    let operations = 0;
    for (const seed of seedsOf(0, 2)) operations += (await expectUnbroken(seed)).operations;
    if (process.env["YOUBEI_SEED"] === undefined) expect(operations).toBeGreaterThan(1000);
  },
  patience(900_000),
);
