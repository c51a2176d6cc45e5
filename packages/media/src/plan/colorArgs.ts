import type { VideoTrack } from '../probe/mediaInfo.ts';

/** FFprobe's name → the encoder option's value, where FFmpeg 5 spells them differently; absent: not passed on. */
const ranges: Readonly<Record<string, string>> = { tv: 'tv', pc: 'pc' };
const spaces = same(['bt709', 'fcc', 'bt470bg', 'smpte170m', 'smpte240m', 'ycgco', 'bt2020nc', 'bt2020c', 'ictcp']);
const primaries = same(['bt709', 'bt470m', 'bt470bg', 'smpte170m', 'smpte240m', 'film', 'bt2020', 'smpte428']);
const morePrimaries = same(['smpte431', 'smpte432']);
const transfers: Readonly<Record<string, string>> = {
  ...same(['bt709', 'smpte170m', 'smpte240m', 'linear', 'iec61966-2-1', 'iec61966-2-4', 'bt2020-10', 'bt2020-12']),
  ...same(['smpte2084', 'smpte428', 'arib-std-b67']),
  bt470m: 'gamma22',
  bt470bg: 'gamma28',
};

function same(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** Colour tags of the source as encoder options (kept, decision 26). */
export function colorArgs(track: VideoTrack, range: string | null): string[] {
  const pick = (option: string, table: Readonly<Record<string, string>>, name: string | null) => {
    const value = name === null ? undefined : table[name];
    return value === undefined ? [] : [option, value];
  };
  return [
    ...pick('-color_range', ranges, range),
    ...pick('-colorspace', spaces, track.colorSpace),
    ...pick('-color_primaries', { ...primaries, ...morePrimaries }, track.colorPrimaries),
    ...pick('-color_trc', transfers, track.colorTransfer),
  ];
}
