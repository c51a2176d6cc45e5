import { assertNever, FarmError, type StillPreset } from '@reelmill/protocol';
import { autoChunkSeconds } from '../plan/autoChunkSeconds.ts';
import { cutFrames } from '../plan/cutFrames.ts';
import { decodeCostSeconds } from '../plan/encodeCost.ts';
import { endOfLastFrame, seekSeconds } from '../plan/planChunks.ts';
import { damageWarnings, type PlanInput, plannerVersion } from '../plan/planRendition.ts';
import { hasAlpha } from '../plan/video/pictureFacts.ts';
import { wholeReason } from '../plan/wholeReason.ts';
import { applyStillSettings } from '../presets/applyStillSettings.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { pickFramesAt, pickShownFrames, type ShownFrames } from './pickFrames.ts';
import type { Passage, PickedFrame, StillManifest, StillOutput } from './stillManifest.ts';
import { type StillPixels, type StillSize, stillPicture, stillWarnings } from './stillPicture.ts';

export type StillPlanInput = Omit<PlanInput, 'preset'> & { readonly preset: StillPreset };

/** More files in one folder serve nobody, and their plan would be hundreds of megabytes. */
const mostPictures = 250_000;
/** Pictures of one task: what a lost attempt costs, and what a command line holds. */
const mostPicturesOfPassage = 240;
/** Where a thumbnail may come from, parts of the film, best first: titles and fades are at the beginning. */
const thumbnailPlaces = [0.1, 0.25, 0.4, 0.55, 0.7];
const previewPlace = 0.1;

/**
 * Makes the immutable plan of a rendition that is pictures. Pure, as `planRendition`.
 * @throws FarmError PRESET_INVALID, PRESET_UNSUITABLE
 */
export function planStills(input: StillPlanInput): StillManifest {
  const { info, index } = input;
  const preset = applyStillSettings(input.preset, input.settings);
  const film = { pts: index.pts, timeBase: info.video.timeBase, endPts: endOfLastFrame(index, info) };
  const secondsPerTick = film.timeBase.num / film.timeBase.den;
  const firstPts = film.pts[0] ?? 0;
  const durationSeconds = (film.endPts - firstPts) * secondsPerTick;
  const choice = choose(preset, { film, durationSeconds, info });
  const chunkSeconds =
    input.chunkSeconds ?? autoChunkSeconds(durationSeconds, decodeCostSeconds(info, film.pts.length));
  const cut = cutPicks(choice, { film, input, chunkSeconds, durationSeconds });
  const picture = stillPicture(info.video, choice.size, choice.pixels);
  const bytes = estimateBytes(choice, picture);
  return {
    kind: 'stills',
    plannerVersion,
    rendition: preset.id,
    presetId: preset.id,
    source: input.identity,
    demuxer: info.demuxer,
    streamIndex: info.video.index,
    timeBase: film.timeBase,
    sourceFrames: film.pts.length,
    frameEvidence: index.evidence,
    firstPts,
    durationSeconds,
    plan: cut.wholeReason === null ? 'chunked' : 'whole',
    wholeReason: cut.wholeReason,
    warnings: [...stillWarnings(info.video, choice.pixels), ...damageWarnings(index)],
    chunkSeconds,
    passages: cut.passages,
    picture,
    output: choice.output,
    fates: [videoFate(info, picture, choice.output)],
    toolchainClass: input.toolchainClass,
    estimatedOutputBytes: bytes,
    estimatedScratchBytes: 2 * bytes,
  };
}

interface Choice {
  readonly picks: readonly PickedFrame[];
  readonly output: StillOutput;
  readonly size: StillSize;
  readonly pixels: StillPixels;
}

interface Facts {
  readonly film: ShownFrames;
  readonly durationSeconds: number;
  readonly info: MediaInfo;
}

/** Which frames, at what size, in which form. */
function choose(preset: StillPreset, facts: Facts): Choice {
  const { film, durationSeconds, info } = facts;
  const { quality } = preset;
  switch (preset.kind) {
    case 'thumbnail': {
      const picks = pickFramesAt(
        film,
        thumbnailPlaces.map((place) => place * durationSeconds),
      );
      const size = { kind: 'exact', size: { width: preset.width, height: preset.height } } as const;
      return { picks, output: { form: 'picture', quality }, size, pixels: 'yuvj420p' };
    }
    case 'sprites': {
      const step = { num: Math.round(preset.intervalSeconds * 1000), den: 1000 };
      const picks = bounded(pickShownFrames(film, { step }));
      const columns = Math.min(preset.columns, picks.length);
      const rows = Math.min(preset.rows, Math.ceil(picks.length / columns));
      const size = { kind: 'width', width: preset.tileWidth } as const;
      return { picks, output: { form: 'sheets', quality, columns, rows }, size, pixels: 'yuvj420p' };
    }
    case 'preview': {
      const { format, frameRate, longestSide, seconds } = preset;
      const fromSeconds = Math.max(0, Math.min(previewPlace * durationSeconds, durationSeconds - seconds));
      const step = { num: frameRate.den, den: frameRate.num };
      const picks = pickShownFrames(film, { step, fromSeconds, untilSeconds: fromSeconds + seconds });
      const size = { kind: 'inside', box: { width: longestSide, height: longestSide } } as const;
      return {
        picks,
        output: { form: 'animation', format, quality },
        size,
        pixels: format === 'gif' ? 'bgra' : 'yuv420p',
      };
    }
    case 'frames': {
      const { box, format, frameRate } = preset;
      const picks = bounded(pickShownFrames(film, { step: { num: frameRate.den, den: frameRate.num } }));
      const size = box === null ? ({ kind: 'source' } as const) : ({ kind: 'inside', box } as const);
      return { picks, output: { form: 'frames', format, quality }, size, pixels: pixelsOf(format, info) };
    }
    default:
      return assertNever(preset);
  }
}

function pixelsOf(format: 'jpeg' | 'png' | 'webp', { video }: MediaInfo): StillPixels {
  if (format === 'jpeg') return 'yuvj420p';
  const withAlpha = hasAlpha(video.pixelFormat);
  if (format === 'png') return withAlpha ? 'rgba' : 'rgb24';
  return withAlpha ? 'yuva420p' : 'yuv420p';
}

function bounded(picks: readonly PickedFrame[]): readonly PickedFrame[] {
  if (picks.length <= mostPictures) return picks;
  throw new FarmError('PRESET_UNSUITABLE', {
    message: `That would be ${picks.length} pictures; ${mostPictures} are the most. Ask for fewer a second.`,
    details: { pictures: picks.length, most: mostPictures },
  });
}

interface CutPlan {
  readonly film: ShownFrames;
  readonly input: StillPlanInput;
  readonly chunkSeconds: number;
  readonly durationSeconds: number;
}

/** Where frames cannot be reached from the middle, all are taken on one way through the film. */
function cutPicks(choice: Choice, plan: CutPlan): { passages: Passage[]; wholeReason: string | null } {
  const { index, info } = plan.input;
  const { chunkSeconds, durationSeconds } = plan;
  const reasonFor = (chunkCount: number) =>
    wholeReason({ demuxer: info.demuxer, index, chunkCount, chunkSeconds, durationSeconds });
  const obstacle = reasonFor(2);
  const { form } = choice.output;
  const starts = obstacle === null || form === 'picture' ? startsOf(choice, plan) : [0];
  const passages = starts.map((first, at) => {
    const picks = choice.picks.slice(first, starts[at + 1]);
    const seek = obstacle === null ? seekSeconds(info, index, picks[0]?.frame ?? 0) : null;
    return { seekSeconds: seek, picks };
  });
  return {
    passages,
    wholeReason: obstacle ?? (form === 'frames' ? reasonFor(starts.length) : oneTaskReason(form, starts.length)),
  };
}

function oneTaskReason(form: 'picture' | 'sheets' | 'animation', tasks: number): string | null {
  if (form === 'sheets') return tasks > 1 ? null : 'All its pictures fit on one sheet.';
  return `It is one ${form}: there is nothing to cut.`;
}

/** First picks of all passages. A sheet is one; frames are cut as films are. */
function startsOf({ output, picks }: Choice, { film, chunkSeconds }: CutPlan): number[] {
  switch (output.form) {
    case 'picture':
      return picks.map((_, at) => at);
    case 'animation':
      return [0];
    case 'sheets':
      return every(output.columns * output.rows, 0, picks.length);
    case 'frames': {
      const cuts = cutFrames({ ...film, pts: picks.map(({ pts }) => pts), chunkSeconds });
      return cuts.flatMap((first, at) => every(mostPicturesOfPassage, first, cuts[at + 1] ?? picks.length));
    }
  }
}

const every = (step: number, from: number, until: number): number[] =>
  Array.from({ length: Math.ceil((until - from) / step) }, (_, at) => from + at * step);

/** Bytes of a pixel at good quality, rounded up: for the free space that is asked for. */
const bytesPerPixel = { jpeg: 0.4, webp: 0.3, gif: 0.8, png: 3 } as const;

function estimateBytes({ output, picks }: Choice, { width, height }: { width: number; height: number }): number {
  const pictures = output.form === 'picture' ? 1 : picks.length;
  const format = 'format' in output ? output.format : 'jpeg';
  return Math.ceil(pictures * (1_000 + width * height * bytesPerPixel[format]));
}

function videoFate({ video }: MediaInfo, { width, height }: { width: number; height: number }, output: StillOutput) {
  const format = 'format' in output ? output.format : 'jpeg';
  const label = `${video.width}×${video.height}, ${video.codec}`;
  const note = `${width}×${height} as ${format} pictures`;
  return { stream: video.index, kind: 'video', label, fate: 'converted', note } as const;
}
