import type { ReadingsOf } from "./search-members.ts";

const readingsMax = 8;

/**
 * Loads the pinyin dictionary, once and late: it is as large as half the app.
 * @returns every likely reading of a name, the surname's own reading first
 */
export async function loadNameReadings(): Promise<ReadingsOf> {
  const { pinyin, polyphonic } = await import("pinyin-pro");
  return (name) => {
    const hanzi = name.replace(/[^\p{Script=Han}]/gu, "");
    if (hanzi === "") return [];
    const likely = pinyin(hanzi, { toneType: "none", surname: "head", v: true });
    const choices = polyphonic(hanzi, { toneType: "none", type: "array", v: true });
    return [...new Set([likely, ...combinations(choices.map(uniqueOf))])];
  };
}

function combinations(choices: readonly (readonly string[])[]): string[] {
  let readings: string[] = [""];
  for (const choice of choices) {
    readings = readings.flatMap((before) =>
      choice.map((syllable) => `${before} ${syllable}`.trim()),
    );
    if (readings.length > readingsMax) readings = readings.slice(0, readingsMax);
  }
  return readings;
}

const uniqueOf = (readings: readonly string[]): string[] => [...new Set(readings)];
