import type { AuthorityState, TopUpPreset } from "../../shared/access/authority-state.ts";

/** Until the owner sets their own. Fen. */
const firstPresets: readonly TopUpPreset[] = [
  { principal: 100_00, bonus: 0 },
  { principal: 200_00, bonus: 0 },
  { principal: 500_00, bonus: 50_00 },
  { principal: 1000_00, bonus: 120_00 },
];

export const presetsOf = ({ presets }: AuthorityState): readonly TopUpPreset[] =>
  presets.length > 0 ? presets : firstPresets;
