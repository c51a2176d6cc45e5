/** Object type of AAC (ISO/IEC 14496-1, table 5). */
export const aac = 0x40;

/** Object type that the `esds` box of a sample description names (ISO/IEC 14496-1, 7.2.6); null where it has none. */
export function objectType(description: Buffer): number | null {
  const box = description.indexOf('esds', 0, 'latin1');
  const stream = descriptorAt(description, box + 8, 3);
  // number of the stream and its flags; what those announce is not plain
  if (box < 0 || stream === null || description[stream + 2] !== 0) return null;
  const decoder = descriptorAt(description, stream + 3, 4);
  return decoder === null ? null : (description[decoder] ?? null);
}

/** Where the content of a descriptor with that tag begins: its length takes one to four bytes. */
function descriptorAt(bytes: Buffer, at: number, tag: number): number | null {
  if (bytes[at] !== tag) return null;
  for (let length = 1; length <= 4; length += 1) {
    const byte = bytes[at + length];
    if (byte === undefined) return null;
    if (byte < 0x80) return at + length + 1;
  }
  return null;
}
