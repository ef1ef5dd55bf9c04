/** CRC-32 (IEEE 802.3): tells a page that rotted from one that is whole; no defence against people. */
export function checksum(bytes: Uint8Array): number {
  let crc = -1;
  for (let index = 0; index < bytes.length; index++)
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] as number)) & 255] as number);
  return (crc ^ -1) >>> 0;
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
