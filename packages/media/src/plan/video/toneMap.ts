import type { VideoTrack } from '../../probe/mediaInfo.ts';

/** Brightness that becomes SDR white, cd/m². */
const whiteNits = 100;
/** Peak of the source in units of that white: a constant, because what a file states reaches a seek too late or never. */
const peakWhites = 10;

/** Ten bits keep what the curve needs; zscale takes no packed layout. */
const workingFormat = 'yuv420p10le';

/**
 * PQ or HLG in BT.2020 → BT.709: linear light, primaries, Hable's curve, and back. Frame by frame, with constants: no
 * chunk depends on another. All inputs are named, for files whose frames do not state them.
 */
export function toneMapFilters(track: VideoTrack): string[] {
  const primaries = track.colorPrimaries === 'bt709' ? 'bt709' : 'bt2020';
  const matrix = track.colorSpace === 'bt709' ? 'bt709' : 'bt2020nc';
  const range = track.colorRange === 'pc' ? 'pc' : 'tv';
  const source = `pin=${primaries}:min=${matrix}:tin=${track.colorTransfer}:rin=${range}`;
  return [
    `format=${workingFormat}`,
    `zscale=${source}:t=linear:npl=${whiteNits}`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    `tonemap=tonemap=hable:desat=0:peak=${peakWhites}`,
    'zscale=p=bt709:t=bt709:m=bt709:r=tv',
  ];
}

export const toneMappedColorArgs = [
  ...['-color_range', 'tv', '-colorspace', 'bt709'],
  ...['-color_primaries', 'bt709', '-color_trc', 'bt709'],
];
