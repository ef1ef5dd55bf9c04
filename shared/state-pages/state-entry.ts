/** One thing that is kept of a folded state, under the section that says whose it is. */
export type StateEntry = readonly [section: string, value: unknown];
