/** One block of FFmpeg's `-progress` output. */
export interface FfmpegProgress {
  readonly frames: number;
  readonly fps: number;
  /** Output time; null while FFmpeg says N/A. */
  readonly outTimeSeconds: number | null;
  readonly sizeBytes: number | null;
  readonly ended: boolean;
}

/** Feed it the lines of `-progress`; calls back once per block. */
export function progressParser(onProgress: (progress: FfmpegProgress) => void): (line: string) => void {
  let fields = new Map<string, string>();
  return (line) => {
    const at = line.indexOf('=');
    if (at < 0) return;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    fields.set(key, value);
    if (key !== 'progress') return;
    onProgress({
      frames: numberOr(fields.get('frame'), 0) ?? 0,
      fps: numberOr(fields.get('fps'), 0) ?? 0,
      outTimeSeconds: microsecondsToSeconds(fields.get('out_time_us')),
      sizeBytes: numberOr(fields.get('total_size'), null),
      ended: value === 'end',
    });
    fields = new Map();
  };
}

function microsecondsToSeconds(text: string | undefined): number | null {
  const value = numberOr(text, null);
  return value === null ? null : value / 1_000_000;
}

function numberOr(text: string | undefined, otherwise: number | null): number | null {
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  return Number.isFinite(value) ? value : otherwise;
}
