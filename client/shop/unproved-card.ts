import { createContext, useContext } from "react";

/** The recovery key between founding and proof; afterwards there is nothing left of it here. */
export interface UnprovedCard {
  entropy: Uint8Array | undefined;
  /** two words were typed back: forget the key */
  proved(): void;
}

export const UnprovedCardContext = createContext<UnprovedCard>({
  entropy: undefined,
  proved: () => undefined,
});

export const useUnprovedCard = (): UnprovedCard => useContext(UnprovedCardContext);
