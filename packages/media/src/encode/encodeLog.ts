/** Instance names of the showinfo filters of a chunk's side branches. */
export const edgeNames = { before: 'before', last: 'last' } as const;

export interface ShownFrame {
  readonly pts: number;
  readonly checksum: string;
}

/** What the checks of a chunk need from FFmpeg's log (`-loglevel level+verbose -benchmark`). */
export interface EncodeLog {
  readonly before: readonly ShownFrame[];
  readonly last: readonly ShownFrame[];
  /** Complaints, not counting those before the first edge frame. */
  readonly errorLines: number;
  /** FFmpeg put in a pixel conversion nobody asked for (decision 6). */
  readonly autoScaler: string | null;
  readonly cpuSeconds: number | null;
  /** What the renderer of subtitles said about a character that no font has. */
  readonly missingGlyph: string | null;
  /** Size of the decoded picture, each time FFmpeg set up its filters for one: more than one size is a change mid-film. */
  readonly sizes: readonly string[];
}

/** A filter writes its line in two strokes; newer versions of FFmpeg have threads whose words may fall between them. */
const shownStart = /^\[showinfo@(before|last) @ .*?\bn: *\d+ pts: *(-?\d+) /;
const shownEnd = /^\[showinfo@(before|last) @ .*?\bchecksum:([0-9A-F]{8}) /;
const filterInput = /\[graph -?\d+ input from stream \d+:\d+ @ .*\bw:(\d+) h:(\d+) /;
const noFont = /fontselect: failed to find any fallback with glyph 0x/;
const benchmark = /bench: utime=([\d.]+)s stime=([\d.]+)s/;

/** Feed it the lines of stderr; read `log` when the process has ended. */
export function encodeLogParser(): { add(line: string): void; readonly log: EncodeLog } {
  const log = {
    before: [] as ShownFrame[],
    last: [] as ShownFrame[],
    errorLines: 0,
    autoScaler: null as string | null,
    cpuSeconds: null as number | null,
    missingGlyph: null as string | null,
    sizes: [] as string[],
  };
  const begun = { before: null as number | null, last: null as number | null };
  /** True where the line was (a part of) an edge frame. */
  const addShown = (line: string): boolean => {
    const [start, end] = [shownStart.exec(line), shownEnd.exec(line)];
    const edge = (start ?? end)?.[1] === 'before' ? 'before' : 'last';
    if (start) begun[edge] = Number(start[2]);
    const pts = begun[edge];
    if (end === null || pts === null) return start !== null;
    begun[edge] = null;
    log[edge].push({ pts, checksum: end[2] ?? '' });
    // decoders complain while they warm up; from the first edge frame on a complaint is damage
    if (edge === 'before' && log.before.length === 1) log.errorLines = 0;
    return true;
  };
  return {
    log,
    add(line) {
      if (addShown(line)) return;
      if (line.includes('[error]') || line.includes('[fatal]')) log.errorLines += 1;
      if (/auto_scale_\d+|auto-inserting filter/.test(line)) log.autoScaler ??= line;
      if (noFont.test(line)) log.missingGlyph ??= line;
      const input = filterInput.exec(line);
      if (input) log.sizes.push(`${input[1]} by ${input[2]}`);
      const bench = benchmark.exec(line);
      if (bench) log.cpuSeconds = Number(bench[1]) + Number(bench[2]);
    },
  };
}
