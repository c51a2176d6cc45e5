/** Images a sequence may be made of, named as FFmpeg names the demuxer of a single one (`jpeg_pipe`). */
export type ImageFormat = 'jpeg' | 'png' | 'tiff' | 'exr' | 'dpx';

const beginnings: readonly (readonly [ImageFormat, readonly number[]])[] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['exr', [0x76, 0x2f, 0x31, 0x01]],
  ['dpx', [0x53, 0x44, 0x50, 0x58]],
  ['dpx', [0x58, 0x50, 0x44, 0x53]],
];

/** The format of an image by its first bytes; null: none of a sequence's formats. */
export function sniffImage(head: Uint8Array): ImageFormat | null {
  const found = beginnings.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte));
  return found?.[0] ?? null;
}
