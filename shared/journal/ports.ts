/** Ed25519 over raw bytes; keys and signatures as base64url. */
export interface Signatures {
  /** @returns false for a bad signature and for a malformed key alike */
  verify(publicKey: string, message: Uint8Array<ArrayBuffer>, signature: string): Promise<boolean>;
}

/** A key that this replica holds; the private part need not be readable. */
export interface Signer {
  readonly publicKey: string;
  sign(message: Uint8Array<ArrayBuffer>): Promise<string>;
}

/** Cryptographically strong random bytes. */
export interface RandomSource {
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

export interface Clock {
  /** milliseconds since 1970, as the device believes */
  nowMs(): number;
}
