import { isMatroska } from '../assemble/containers.ts';
import type { Manifest } from '../manifest.ts';
import type { Disposition, TrackLabels } from '../probe/sourceExtras.ts';

type Container = Manifest['container'];

/** Marks FFmpeg's muxers really write (tried with 5.1): mp4 by `kind` boxes, QuickTime knows enabled tracks only. */
const dispositions: Readonly<Record<Container, readonly Disposition[]>> = {
  mp4: ['default', 'dub', 'comment', 'forced', 'hearing_impaired', 'visual_impaired'],
  mov: ['default'],
  mkv: ['default', 'dub', 'original', 'comment', 'forced', 'hearing_impaired', 'visual_impaired'],
  webm: ['default'],
  m4a: ['default'],
  flac: ['default'],
  wav: ['default'],
};

const mp4Tags: ReadonlySet<string> = new Set(
  [
    'title artist album_artist composer album date comment genre copyright grouping lyrics description synopsis',
    'show episode_id network keywords location creation_time',
  ].flatMap((line) => line.split(' ')),
);

/** Tags of the film that are read back as they were written (tried with 5.1); Matroska and FLAC hold any. */
const tags: Readonly<Record<Exclude<Container, 'mkv' | 'webm' | 'flac'>, ReadonlySet<string>>> = {
  mp4: mp4Tags,
  m4a: new Set([...mp4Tags].filter((key) => key !== 'location' && key !== 'creation_time')),
  wav: new Set('title artist album date comment genre copyright track'.split(' ')),
  mov: new Set('title artist album date comment genre copyright make model location creation_time'.split(' ')),
};

/** Languages with a code of their own in QuickTime, by the name FFmpeg takes (Inside Macintosh, Script Manager). */
const quickTimeLanguages = new Set(
  [
    'eng fra ger ita dut sve spa dan por nor heb jpn ara fin gre ice mlt tur chi urd hin tha kor lit pol hun est lav',
    'rus per iri alb ron ces slk slv yid mac bul ukr bel uzb kaz aze arm geo mol kir tgk tuk mon pus kur kas snd nep',
    'san mar ben asm guj ori mal kan tam tel sin bur khm lao vie ind tgl may amh tir orm som swa kin nya mlg epo wel',
    'baq cat lat que grn aym tat uig dzo jav',
  ].flatMap((line) => line.split(' ')),
);
/** The other spelling of ISO 639-2, where QuickTime's table has only one. */
const quickTimeNames: Readonly<Record<string, string>> = {
  fre: 'fra',
  deu: 'ger',
  nld: 'dut',
  swe: 'sve',
  ell: 'gre',
  isl: 'ice',
  zho: 'chi',
  fas: 'per',
  sqi: 'alb',
  rum: 'ron',
  cze: 'ces',
  slo: 'slk',
  hye: 'arm',
  kat: 'geo',
  mya: 'bur',
  msa: 'may',
  cym: 'wel',
  eus: 'baq',
  mkd: 'mac',
};

export interface HeldLabels {
  readonly labels: TrackLabels;
  /** What is lost, e.g. `language hrv`; empty: nothing. */
  readonly lost: readonly string[];
}

/** The part of a track's labels that a container keeps. mp4 and mov carry the title as the handler's name. */
export function heldLabels(labels: TrackLabels, container: Container): HeldLabels {
  const language = heldLanguage(labels.language, container);
  const marks = labels.dispositions.filter((mark) => dispositions[container].includes(mark));
  const lostMarks = labels.dispositions.filter((mark) => !marks.includes(mark));
  return {
    labels: { language, title: labels.title, dispositions: marks },
    lost: [
      ...(labels.language !== null && language === null ? [`language ${labels.language}`] : []),
      ...lostMarks.map((mark) => `mark ${mark}`),
    ],
  };
}

function heldLanguage(language: string | null, container: Container): string | null {
  if (language === null || isMatroska(container)) return language;
  // FLAC and WAV have no place for it
  if (container === 'flac' || container === 'wav') return null;
  if (container === 'mp4' || container === 'm4a') return /^[a-z]{3}$/.test(language) ? language : null;
  const name = quickTimeNames[language] ?? language;
  return quickTimeLanguages.has(name) ? name : null;
}

export const holdsTag = (key: string, container: Container): boolean =>
  container === 'mkv' || container === 'webm' || container === 'flac' || tags[container].has(key);

/** Frame rates whose timecode the `tmcd` track of mp4 and mov can count. */
const timecodeRates = [24, 25, 30, 48, 50, 60, 100, 120];

/** Whether a timecode can be counted on at this rate; drop-frame counting exists at 29.97 and 59.94 only. */
export function holdsTimecode(timecode: string, framesPerSecond: number | null, container: Container): boolean {
  if (isMatroska(container)) return true;
  if (framesPerSecond === null) return false;
  const nominal = Math.round(framesPerSecond);
  if (!timecodeRates.includes(nominal) || Math.abs(framesPerSecond / nominal - 1) > 0.002) return false;
  const isDrop = /[;.,]/.test(timecode);
  return !isDrop || (nominal % 30 === 0 && framesPerSecond < nominal * 0.9995);
}
