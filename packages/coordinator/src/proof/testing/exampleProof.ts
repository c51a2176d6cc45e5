import { Preset, type SeamProof } from '@reelmill/protocol';

const part = { sha256: 'a'.repeat(64), sizeBytes: 1000, node: 'studio', attempt: 1 };

/** An unsigned certificate of 100 frames in two chunks. */
export const exampleProof = (publicKey: string): Omit<SeamProof, 'signature'> => ({
  type: 'reelmill-seam-proof',
  version: 1,
  productVersion: '0.1.0',
  createdAt: '2026-01-01T00:00:00.000Z',
  coordinator: { id: 'c-0123456789abcdef', publicKey },
  job: {
    id: 'J-abcdefghij',
    preset: Preset.parse({
      id: 'ffv1-archive',
      name: 'FFV1 archive',
      description: '',
      container: 'mkv',
      video: { codec: 'ffv1', keepCodedPixels: true },
      audio: { codec: 'pcm' },
      threads: 1,
    }),
    settings: {},
    chunkSeconds: 2,
    threads: null,
  },
  source: {
    name: 'film.mp4',
    sizeBytes: 5000,
    sha256: 'b'.repeat(64),
    frames: 100,
    frameEvidence: 'packets',
    timeBase: { num: 1, den: 25 },
  },
  output: {
    name: 'film_ffv1-archive.mkv',
    container: 'mkv',
    sizeBytes: 9000,
    sha256: 'c'.repeat(64),
    frames: 100,
    encoder: 'ffv1',
    width: 320,
    height: 180,
    pixelFormat: 'yuv420p',
  },
  plan: { version: 1, kind: 'chunked', wholeReason: null, frameRateConverted: false, toolchainClass: 'abc-x64' },
  chunks: [
    { index: 0, first: 0, end: 50, firstPts: 0, lastPts: 49, ...part },
    { index: 1, first: 50, end: 100, firstPts: 50, lastPts: 99, ...part },
  ],
  audio: [part],
  checks: { depth: 'seams', seams: 1, maxPtsErrorSeconds: 0, audioOffsetErrorSeconds: 0 },
});
