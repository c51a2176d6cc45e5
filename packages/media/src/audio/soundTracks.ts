import type { Manifest, ResolvedAudio } from '../manifest.ts';

/** One track of the output's sound. */
export interface SoundTrack {
  /** Names its task, its file among a join's inputs and its object: `audio`, `audio-1`, … */
  readonly name: string;
  readonly audio: ResolvedAudio;
}

/** All sound of a plan, in the order of the output, which is the source's. `audio` is the main track. */
export function soundTracks({ audio, moreAudio }: Pick<Manifest, 'audio' | 'moreAudio'>): SoundTrack[] {
  if (audio === null) return [];
  const more = moreAudio.map((track, at) => ({ name: `audio-${at + 1}`, audio: track }));
  return [{ name: 'audio', audio }, ...more].sort((one, other) => one.audio.streamIndex - other.audio.streamIndex);
}
