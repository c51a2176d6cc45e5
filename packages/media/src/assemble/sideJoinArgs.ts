import { soundTracks } from '../audio/soundTracks.ts';
import type { FilmManifest, Manifest } from '../manifest.ts';
import type { TrackLabels } from '../probe/sourceExtras.ts';
import { isMatroska } from './containers.ts';
import type { SideFiles } from './extractSide.ts';

/** How the join takes the side files in. */
export interface SideJoinArgs {
  /** Inputs, to stand behind those of picture and sound. */
  readonly inputs: string[];
  /** Streams, to stand behind picture and sound. */
  readonly maps: string[];
  /** Tags, chapters, labels, attachments, timecode. */
  readonly output: string[];
}

const attachmentTypes = { jpg: 'image/jpeg', png: 'image/png' } as const;
const coverDemuxers = { jpg: 'jpeg_pipe', png: 'png_pipe' } as const;

/** FFmpeg arguments that add labels, tags and side files to a join. Pure; `firstInput` is the number of the first one. */
export function sideJoinArgs(manifest: FilmManifest, files: SideFiles, firstInput: number): SideJoinArgs {
  const { side, container } = manifest;
  const inputs: string[] = [];
  const maps: string[] = [];
  let next = firstInput;
  if (files.subtitles) {
    const { path, startSeconds } = files.subtitles;
    // FFmpeg moves the start of an input to 0: undone here
    const offset = startSeconds - side.zeroSeconds;
    inputs.push(...inputGuard('mov,matroska'), '-itsoffset', offset.toFixed(6), '-i', `file:${path}`);
    maps.push('-map', `${next}:s`);
    next += 1;
  }
  // Matroska has covers among its attachments
  const covers = container === 'mkv' ? [] : files.coverPaths;
  for (const [at, path] of covers.entries()) {
    const demuxer = coverDemuxers[side.covers[at]?.extension ?? 'jpg'];
    inputs.push(...inputGuard(demuxer), '-f', demuxer, '-i', `file:${path}`);
    maps.push('-map', `${next}:v`);
    next += 1;
  }
  if (files.metadataPath !== null) {
    inputs.push(...inputGuard('ffmetadata'), '-f', 'ffmetadata', '-i', `file:${files.metadataPath}`);
  }
  const output = [
    ...(files.subtitles ? ['-bsf:s', startWithPicture] : []),
    ...metadataArgs(files.metadataPath === null ? null : next),
    ...labelArgs(manifest),
    ...covers.flatMap((_, at) => [`-disposition:v:${at + 1}`, 'attached_pic']),
    ...attachmentArgs(manifest, files),
    ...timecodeArgs(manifest),
  ];
  return { inputs, maps, output };
}

/** What was on screen before the picture begins starts with it. */
const startWithPicture = 'setts=pts=max(PTS\\,0):dts=max(PTS\\,0):duration=max(DURATION+min(PTS\\,0)\\,0)';

/** Before an input of our own making: this file, this kind, nothing it might name. */
export const inputGuard = (demuxers: string): string[] => [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  demuxers,
];

/** Tags and chapters of the output: of that input, or none. */
export function metadataArgs(input: number | null): string[] {
  if (input === null) return ['-map_metadata', '-1', '-map_chapters', '-1'];
  return ['-map_metadata:s', '-1', '-map_metadata:g', `${input}:g`, '-map_chapters', String(input)];
}

function labelArgs({ side, container, ...manifest }: FilmManifest): string[] {
  const sounds = soundTracks(manifest);
  return [
    ...trackArgs('v:0', side.videoLabels, container),
    ...sounds.flatMap(({ audio }, at) => trackArgs(`a:${at}`, audio.labels, container)),
    ...side.subtitles.flatMap(({ labels }, at) => trackArgs(`s:${at}`, labels, container)),
  ];
}

/** Labels of a track of the output, e.g. `a:0`. mp4 and mov have no title of a track; players show the handler's name. */
export function trackArgs(track: string, labels: TrackLabels, container: Manifest['container']): string[] {
  const titleKey = isMatroska(container) ? 'title' : 'handler_name';
  return [
    ...(labels.language === null ? [] : [`-metadata:s:${track}`, `language=${labels.language}`]),
    ...(labels.title === null ? [] : [`-metadata:s:${track}`, `${titleKey}=${labels.title}`]),
    ...[`-disposition:${track}`, labels.dispositions.join('+') || '0'],
  ];
}

function attachmentArgs({ side, container }: FilmManifest, files: SideFiles): string[] {
  if (container !== 'mkv') return [];
  const attached = [
    ...side.attachments.map(({ fileName, mimeType }, at) => ({ path: files.attachmentPaths[at], fileName, mimeType })),
    ...side.covers.map(({ extension }, at) => ({
      path: files.coverPaths[at],
      fileName: `${at === 0 ? 'cover' : `cover-${at + 1}`}.${extension}`,
      mimeType: attachmentTypes[extension],
    })),
  ];
  return attached.flatMap(({ path, fileName, mimeType }, at) => [
    ...['-attach', `file:${path}`, `-metadata:s:t:${at}`, `filename=${fileName}`],
    ...[`-metadata:s:t:${at}`, `mimetype=${mimeType}`],
  ]);
}

function timecodeArgs({ side, container }: FilmManifest): string[] {
  if (side.timecode === null) return [];
  const tag = ['-metadata:s:v:0', `timecode=${side.timecode}`];
  return isMatroska(container) ? tag : [...tag, '-write_tmcd', '1'];
}
