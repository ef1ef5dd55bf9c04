/** `npm run soak` asks for the long tails; `npm test` for what fits beside everything else. */
const isSoak = process.env["YOUBEI_SOAK"] === "1";

/** How much of something random is tried: seeds, mutants, kills. */
export const effort = (inTests: number, inSoak: number): number => (isSoak ? inSoak : inTests);

/** A bound against hanging, in milliseconds; a soak may take hours. */
export const patience = (inTestsMs: number): number => (isSoak ? 6 * 3_600_000 : inTestsMs);
