import type { RandomSource } from "../journal/ports.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** 50 random bits as 10 characters; the authority log refuses an id that is taken. */
export const newId = (random: RandomSource, length = 10): string =>
  [...random.bytes(length)].map((byte) => alphabet.charAt(byte & 31)).join("");
