import { FarmError } from '@reelmill/protocol';
import { demuxers } from '../assemble/containers.ts';
import type { Manifest, ResolvedAudio } from '../manifest.ts';
import type { SoundInfo } from '../probe/mediaInfo.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets, shownLengthSeconds } from './readPackets.ts';
import { type SoundMinute, soundMeter } from './soundMeter.ts';

/** How near the decoded sound of an output is to the source's, after the plan's own filters. */
export interface SoundComparison {
  /** Of each channel, that were compared. */
  readonly samples: number;
  /** How much longer the source's sound is, in samples, up to a second; negative: shorter. */
  readonly missingSamples: number;
  /** Every sample is the same. */
  readonly isIdentical: boolean;
  readonly minutes: readonly SoundMinute[];
}

/** An encoder of sound ends with a whole packet; what is beyond is more than that. */
const lossySlackSamples = 4096;
/** Silence laid behind the output, so that a longer source is seen. */
const tailSeconds = 1;

/**
 * Decodes output and source side by side, sample against sample, and measures each minute.
 * @throws FarmError VERIFY_FAILED when their lengths differ, when something does not decode, or when a lossless copy
 * has other samples than its source
 */
export async function compareSound(
  manifest: Manifest & { readonly audio: ResolvedAudio },
  files: { readonly outputPath: string; readonly sourcePath: string; readonly info: SoundInfo },
  run: RunOptions,
): Promise<SoundComparison> {
  const { audio } = manifest;
  const [stream] = (await readPackets(files.outputPath, run)).filter(({ codecType }) => codecType === 'audio');
  const outputSamples = stream === undefined ? 0 : Math.round(shownLengthSeconds(stream) * audio.sampleRate);
  const meter = soundMeter({ ...audio, mostSamples: outputSamples });
  await runFfmpeg(compareArgs(manifest, files), run, { failureCode: 'VERIFY_FAILED', onStdoutBytes: meter.add });
  const { samples, seen, isIdentical, minutes } = meter.finish();
  const comparison = { samples, missingSamples: seen - outputSamples, isIdentical, minutes };
  assertNear(comparison, mustBeIdentical(manifest, files.info));
  return comparison;
}

function compareArgs(
  manifest: Manifest & { readonly audio: ResolvedAudio },
  { outputPath, sourcePath }: { readonly outputPath: string; readonly sourcePath: string },
): string[] {
  const { audio } = manifest;
  const form = `aformat=sample_fmts=flt:sample_rates=${audio.sampleRate},${namedChannels(audio.channels)}`;
  const wanted = [`asetpts=PTS-round(${audio.startSeconds}/TB)`, ...audio.filters, form];
  const graph = [
    `[0:a:0]${form},apad=pad_dur=${tailSeconds}[made]`,
    `[1:${audio.streamIndex}]${wanted.join(',')}[wanted]`,
    '[made][wanted]amerge=inputs=2[both]',
  ];
  return [
    ...['-threads', '1', '-copyts', ...inputGuardArgs(demuxers[manifest.container]), '-i', `file:${outputPath}`],
    ...['-threads', '1', ...inputGuardArgs(manifest.demuxer), '-i', `file:${sourcePath}`],
    ...['-filter_complex', graph.join(';'), '-map', '[both]', '-c:a', 'pcm_f32le', '-f', 'f32le', '-'],
  ];
}

/** FFmpeg's names for so many channels; which ones they are does not matter here. */
const layouts = ['', 'mono', 'stereo', '2.1', '4.0', '5.0', '5.1', '6.1', '7.1'];

/** Channels in the order they come in: `amerge` takes none without a name, and files may have them without. */
function namedChannels(channels: number): string {
  const layout = layouts[channels];
  if (layout === undefined) {
    const message = `The sound has ${channels} channels; up to ${layouts.length - 1} can be compared.`;
    throw new FarmError('UNSUPPORTED_MEDIA', { message, details: { channels } });
  }
  return `channelmap=map=${Array.from({ length: channels }, (_, channel) => channel).join('|')}:channel_layout=${layout}`;
}

/** Encoders that lose nothing of whole numbers they have room for. */
function mustBeIdentical({ audio, fates }: Manifest, { audioTracks }: SoundInfo): boolean {
  const track = audioTracks.find(({ index }) => index === audio?.streamIndex);
  const fate = fates.find(({ kind, stream }) => kind === 'audio' && stream === audio?.streamIndex);
  const format = track?.sampleFormat.replace(/p$/, '');
  const isNarrow = format === 's16' || format === 'u8' || (format === 's32' && (track?.bitsPerRawSample ?? 32) <= 24);
  return fate?.fate === 'kept' && isNarrow;
}

function assertNear(comparison: SoundComparison, isLossless: boolean): void {
  const { missingSamples, minutes } = comparison;
  const slack = isLossless ? 0 : lossySlackSamples;
  if (Math.abs(missingSamples) > slack) {
    const difference = missingSamples > 0 ? 'shorter' : 'longer';
    throw new FarmError('VERIFY_FAILED', {
      message: `The sound is ${Math.abs(missingSamples)} samples or more ${difference} than that of the source.`,
      details: { missingSamples },
    });
  }
  if (!isLossless || comparison.isIdentical) return;
  const first = minutes.find(({ firstDifference }) => firstDifference !== null)?.firstDifference ?? 0;
  throw new FarmError('VERIFY_FAILED', {
    message: `The sound is lossless, yet sample ${first} is not that of the source.`,
    details: { sample: first },
  });
}
