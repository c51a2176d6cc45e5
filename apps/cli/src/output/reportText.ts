import { basename } from 'node:path';
import type {
  CutDecision,
  PlannedOutput,
  RenditionAnswer,
  SourceFacts,
  SourceVideo,
  TrackFate,
} from '@reelmill/protocol';

type Row = readonly [label: string, value: string];

/** The first part, printed at once: what the file is, and the decision the header suggests. */
export function headerText(answer: RenditionAnswer): string {
  const rows = [
    ...sourceRows(answer.source),
    ['preset', answer.preset],
    ['', ''],
    ['first answer', 'from the header alone'],
    ...planRows(answer),
  ] as const;
  return `${harmless(basename(answer.path))}\n${block(rows)}`;
}

/** The first part of a further rendition: the source was shown. */
export const renditionText = (answer: RenditionAnswer): string =>
  block([['preset', answer.preset], ...planRows(answer)]);

/** The second part: the plan a job would have, what becomes of each track, and who can run it. */
export function indexText(answer: RenditionAnswer): string {
  const rows = [
    ['', ''],
    ['final answer', 'from the index of all packets'],
    ...planRows(answer),
    ...(answer.source.video?.variableFrameRate
      ? [['frame rate', 'variable: every frame keeps its own time'] as const]
      : []),
  ] as const;
  return block([
    ...rows,
    ...fateRows(answer.fates),
    ...answer.warnings.filter((text) => !tellsOfADrop.test(text)).map((text): Row => ['note', text]),
    ...nodeRows(answer),
  ]);
}

/** Said already by the fates. */
const tellsOfADrop = /^[A-Z_]+_DROPPED:/;

const block = (rows: readonly Row[]): string => rows.map((row) => `${line(row)}\n`).join('');
const line = ([label, value]: Row): string => (label === '' ? '' : `  ${label.padEnd(14)}${harmless(value)}`);

/** Names and titles come from files: nothing in them may steer a terminal or turn the text around. */
const harmless = (text: string): string => text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

function sourceRows({ container, sizeBytes, durationSeconds, video, ...tracks }: SourceFacts): Row[] {
  const counts = [
    counted(tracks.videoTracks, 'video track'),
    counted(tracks.audioTracks, 'audio track'),
    counted(tracks.subtitleTracks, 'subtitle track'),
    counted(tracks.chapters, 'chapter mark'),
  ];
  return [
    ['container', `${container}, ${bytesText(sizeBytes)}`],
    ['length', durationSeconds === null ? 'not stated' : clockText(durationSeconds)],
    ...(video === null ? [] : [['picture', pictureText(video)] as const]),
    ['tracks', counts.filter((text) => text !== null).join(', ')],
  ];
}

function pictureText(video: SourceVideo): string {
  const { coded, shown } = video;
  const turned = video.rotationClockwise === 0 ? '' : `, turned ${video.rotationClockwise}° clockwise`;
  const isSame = coded.width === shown.width && coded.height === shown.height;
  const scan = video.interlaced === null ? null : video.interlaced ? 'interlaced' : 'progressive';
  const parts = [
    [video.codec, video.profile].filter((part) => part !== null).join(' '),
    `${coded.width}×${coded.height}${isSame ? '' : ` shown as ${shown.width}×${shown.height}${turned}`}`,
    video.frameRate === null ? null : `${Number(video.frameRate.toFixed(3))} fps`,
    video.pixelFormat,
    scan,
    video.mirrored ? 'mirrored' : null,
    video.hdr === null ? null : `HDR (${video.hdr})`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function planRows({ decision, output }: RenditionAnswer): Row[] {
  const plan: Row[] = [
    ['plan', decisionText(decision)],
    ['why', decision.reason],
  ];
  return output === null ? plan : [...plan, ...outputRows(output)];
}

function decisionText(decision: CutDecision): string {
  switch (decision.kind) {
    case 'chunked': {
      const { count, shortestSeconds, longestSeconds } = decision.chunks;
      const about = decision.isFinal ? '' : 'about ';
      return `cut into ${about}${count} chunks of ${secondsText(shortestSeconds)} to ${secondsText(longestSeconds)} s`;
    }
    case 'whole':
      return `whole file on one node${decision.isFinal ? '' : ', unless the index shows otherwise'}`;
    case 'open':
      return 'not known yet';
  }
}

const evidence = {
  header: 'about, by the header',
  packets: 'exact, by its packets',
  decoded: 'exact, counted by decoding',
};

function outputRows(output: PlannedOutput): Row[] {
  const size = output.size === null ? null : `${output.size.width}×${output.size.height}`;
  const codecs = [output.videoEncoder, output.audioEncoder].filter((part) => part !== null).join(' + ');
  const form = [output.container, size, codecs].filter((part) => part !== null).join(', ');
  return [
    output.size === null
      ? ['sound', `${secondsText(output.durationSeconds)} s`]
      : ['frames', `${output.frames.toLocaleString('en-GB')} (${evidence[output.frameEvidence]})`],
    ['output', `${form}, at most about ${bytesText(output.estimatedBytes)}`],
    ['CPU time', `about ${secondsText(output.predictedCpuSeconds)} s of one core`],
  ];
}

const fateRows = (fates: readonly TrackFate[]): Row[] =>
  (['kept', 'converted', 'dropped'] as const).flatMap((fate) =>
    fates.filter((one) => one.fate === fate).map((one): Row => [fate, `${one.label}: ${one.note}`]),
  );

function nodeRows({ placement }: RenditionAnswer): Row[] {
  const rows = placement.nodes.map(
    ({ name, slots, ffmpegVersion, whyNot }): Row =>
      whyNot === null
        ? ['node', `${name} can run it (${counted(slots, 'slot')}, FFmpeg ${ffmpegVersion})`]
        : ['node', `${name} cannot: ${whyNot}`],
  );
  return placement.note === null ? rows : [...rows, ['nodes', placement.note]];
}

const counted = (count: number, noun: string): string | null =>
  count === 0 ? null : `${count} ${noun}${count === 1 ? '' : 's'}`;

const secondsText = (seconds: number): string => String(Number(seconds.toFixed(seconds < 10 ? 2 : 1)));

function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const clock = `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return `${clock} (${secondsText(seconds)} s)`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const scaled = bytes / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}
