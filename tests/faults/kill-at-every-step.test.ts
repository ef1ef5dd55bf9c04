import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { effort, patience } from "../harness/effort.ts";
import { type Machine, runToDeath, stepsOf, youbei } from "./killed-commands.ts";
import { base, type Scenario, scenarios } from "./killed-scenarios.ts";
import { leftoversIn, type Survey, survey } from "./killed-survey.ts";
import { type Bundle, bundleKilledServer } from "./lethal-server.ts";

/** Of each command; in a soak every step, and the middle of every write. */
const deathsMost = effort(2, Number.POSITIVE_INFINITY);

let bundle: Bundle;
let scratch: string;
let shop: Machine;
beforeAll(async () => {
  bundle = await bundleKilledServer();
  scratch = await mkdtemp(join(tmpdir(), "youbei-killed-"));
  shop = await base(join(scratch, "machine"));
  await keep(shop, "shop");
}, 60_000);
afterAll(async () => {
  await bundle.remove();
  await rm(scratch, { recursive: true });
});

interface Chosen {
  name: string;
  step: number;
  torn: boolean;
}

/** Each step before it, each write in its middle; where not all are tried, names that are far apart. */
function deathsAt(steps: readonly string[], { always = [] }: Scenario): Chosen[] {
  const all = steps.flatMap((name, step) =>
    name.startsWith("write ")
      ? [
          { name, step, torn: false },
          { name: `torn ${name}`, step, torn: true },
        ]
      : [{ name, step, torn: false }],
  );
  if (all.length <= deathsMost) return all;
  const fixed = always.map((name) => ({ name, step: steps.lastIndexOf(name), torn: false }));
  const drawn = Math.max(1, deathsMost - fixed.length);
  const stride = all.length / drawn;
  const from = Math.random() * stride;
  const far = Array.from({ length: drawn }, (_, nth) => all[Math.floor(from + nth * stride)]);
  return [...fixed, ...(far as Chosen[])];
}

/** A machine stays where it is, because it knows where its disk is; what it was like is kept beside it. */
const keep = ({ root }: Machine, name: string): Promise<void> =>
  cp(root, join(scratch, name), { recursive: true });

async function putBack({ root }: Machine, name: string): Promise<void> {
  await rm(root, { recursive: true });
  await cp(join(scratch, name), root, { recursive: true });
}

describe("killed at every step, in a process of its own", () => {
  for (const scenario of scenarios)
    test(`${scenario.title}: all or nothing; every point restorable before is restorable after`, {
      timeout: patience(60_000),
    }, async () => {
      const machine = { ...shop };
      await putBack(machine, "shop");
      const command = await scenario.prepare(machine);
      const before = await survey(machine);
      await rm(join(scratch, "prepared"), { recursive: true, force: true });
      await keep(machine, "prepared");
      const steps = await stepsOf(bundle, machine, command);
      expect(scenario.passes.filter((name) => !steps.includes(name))).toEqual([]);
      const deaths = deathsAt(steps, scenario);
      for (const death of deaths) {
        await putBack(machine, "prepared");
        const { hit, signal, out, err } = await runToDeath(bundle, machine, command, death);
        expect({ hit, signal, told: hit ? "" : out + err }).toEqual({
          hit: expect.any(String),
          signal: "SIGKILL",
          told: "",
        });
        await expectAllOrNothing({ scenario, command, machine, before }).catch((error: unknown) => {
          throw new Error(`killed at "${hit}", step ${death.step}: ${error}`, { cause: error });
        });
      }
      process.stdout.write(
        `${scenario.title}: killed at ${deaths.length} of ${steps.length} steps\n`,
      );
    });
});

async function expectAllOrNothing({
  scenario,
  command,
  machine,
  before,
}: {
  scenario: Scenario;
  command: readonly string[];
  machine: Machine;
  before: Survey;
}): Promise<void> {
  scenario.holds(before, await survey(machine));
  const again = await youbei(machine, command);
  const after = await survey(machine);
  scenario.holds(before, after);
  await scenario.done({ machine, before, after, again });
  expect(await leftoversIn(machine)).toEqual([]);
}
