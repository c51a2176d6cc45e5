import { FarmError } from '@reelmill/protocol';

const longestReason = 200;
/** What FFmpeg says after the cause: true of every failure, so it explains none. */
const consequences =
  /^(Error initializing (output stream|filters|complex filters)|Error while (opening encoder|filtering)|Failed to (set value|configure output pad)|Error opening|Conversion failed|Nothing was written|Output file is empty|Device creation failed|Error parsing global options|Error reinitializing filters|Task finished|Terminating thread|Could not open encoder)/i;

/** The tries log with `-loglevel level+verbose`: `[h264_nvenc @ 0x55d0] [error] Cannot load libcuda.so.1`. */
const logLine = /^(?:\[([^\]@]+?)(?: @ [^\]]*)?\] )?\[(verbose|info|warning|error|fatal)\] (.*)$/;

interface Said {
  readonly by: string | undefined;
  readonly level: string;
  readonly text: string;
}

/**
 * Why a try of an encoder failed, one short sentence in FFmpeg's own words: its first complaint names the cause, the
 * later ones what followed from it. What a device context says of itself is no complaint to FFmpeg, but the cause.
 */
export function proofReason(thrown: unknown): string {
  if (!(thrown instanceof FarmError)) return clip(thrown instanceof Error ? thrown.message : String(thrown));
  const { log } = thrown.details;
  const said = typeof log === 'string' ? log.split('\n').flatMap(lineOf) : [];
  const complaints = said.filter(({ level }) => level === 'error' || level === 'fatal');
  const cause =
    complaints.find(({ text }) => !consequences.test(text)) ??
    said.find(({ by, level }) => by === 'AVHWDeviceContext' && level !== 'info') ??
    complaints[0];
  return clip(cause?.text ?? thrown.message);
}

function lineOf(line: string): Said[] {
  const [, by, level, text] = logLine.exec(line) ?? [];
  // nothing in it may steer a terminal
  return level === undefined || text === undefined ? [] : [{ by, level, text: text.replace(/\p{Cc}/gu, ' ').trim() }];
}

const clip = (text: string): string =>
  text.length <= longestReason ? text : `${text.slice(0, longestReason - 1).trimEnd()}…`;
