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

const shownFrame = /^\[showinfo@(before|last) @ .*\bn: *\d+ pts: *(-?\d+) .*\bchecksum:([0-9A-F]{8}) /;
const filterInput = /\[graph 0 input from stream \d+:\d+ @ .*\bw:(\d+) h:(\d+) /;
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
  return {
    log,
    add(line) {
      const shown = shownFrame.exec(line);
      if (shown) {
        log[shown[1] === 'before' ? 'before' : 'last'].push({ pts: Number(shown[2]), checksum: shown[3] ?? '' });
        // decoders complain while they warm up; from the first edge frame on a complaint is damage
        if (shown[1] === 'before' && log.before.length === 1) log.errorLines = 0;
        return;
      }
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
