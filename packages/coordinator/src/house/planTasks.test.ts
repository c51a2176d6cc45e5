import {
  findPreset,
  isFilm,
  loadTimedPresets,
  type Manifest,
  type MediaInfo,
  manifestTasks,
  planLadder,
} from '@reelmill/media';
import { JobId, RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import type { ShelvedFilm } from './manifestShelf.ts';
import { planTasks } from './planTasks.ts';

const jobId = JobId.parse('J-aaaaaaaaaa');
const [large, little] = ['h264-1080p', 'h264-480p'].map((id) => RenditionId.parse(id)) as [RenditionId, RenditionId];
const info = {
  ...{ demuxer: 'mov', sizeBytes: 1e6, containerStartSeconds: 0, durationSeconds: 10, videoTracks: 1 },
  ...{ audioTracks: [], subtitleTracks: 0, chapters: 0 },
  extras: {
    ...{ videoLabels: { language: null, title: null, dispositions: [] }, otherVideo: [], subtitles: [], chapters: [] },
    ...{ attachments: [], covers: [], data: [], timecode: null, tags: {}, hasDolbyVision: false },
  },
  video: {
    ...{ index: 0, codec: 'h264', profile: null, pixelFormat: 'yuv420p', width: 1920, height: 1080 },
    ...{
      sampleAspectRatio: { num: 1, den: 1 },
      timeBase: { num: 1, den: 15_360 },
      averageFrameRate: 30,
      fieldOrder: 'progressive',
    },
    ...{ rotationClockwise: 0, mirrored: false, colorRange: null, colorSpace: null, colorTransfer: null },
    ...{ colorPrimaries: null, hdr10: null, headerFrames: null, durationSeconds: 10, bitRate: null },
  },
} as unknown as MediaInfo;
const pts = Array.from({ length: 300 }, (_, at) => at * 512);
const keys = pts.filter((_, at) => at % 30 === 0);

async function shelved(): Promise<ShelvedFilm[]> {
  const presets = await loadTimedPresets();
  const plans: Manifest[] = planLadder({
    ...{ info, settings: {}, chunkSeconds: 5, threads: 1, toolchainClass: 'x64', verify: 'seams' },
    index: {
      ...{ streamIndex: 0, pts, keyframePts: keys, cleanKeyframePts: [], lastFrameTicks: 512, packets: 300 },
      ...{ droppedPackets: 0, videoBytes: 5e5, evidence: 'packets', doubt: null, errorLines: 0, audioEndSeconds: null },
    },
    identity: { path: '/a.mp4', sizeBytes: 1e6, mtimeNs: '1', inode: '1' },
    presets: [large, little].map((id) => findPreset(presets, id)),
  } as unknown as Parameters<typeof planLadder>[0]);
  return plans.map((manifest) => ({ kind: 'film', manifest, specs: manifestTasks(manifest) }));
}

const order = { joinPlace: 'farm', picture: info.video } as const;

test('every farm task says how much memory it needs, house tasks need none of a node', async () => {
  const tasks = planTasks(jobId, await shelved(), order);
  expect(tasks.filter(({ place }) => place === 'farm').every(({ memoryBytes = 0 }) => memoryBytes > 50e6)).toBe(true);
  expect(tasks.filter(({ place }) => place === 'house').every((task) => task.memoryBytes === undefined)).toBe(true);
  expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(['encode', 'hash', 'join', 'publish']));
});

test('encodes are pinned to the tags of their rendition; sound, join and house tasks are not', async () => {
  const plans = await shelved();
  const pins = { tags: { [large]: 'fast' }, spill: 'busy' } as const;
  const pinned = planTasks(jobId, plans, { ...order, pins }).filter(({ pin }) => pin !== undefined);
  const shared = plans.some(({ manifest }) => isFilm(manifest) && manifest.encodedWith.length > 0);
  expect(pinned.map(({ kind, pin }) => [kind, pin])).toEqual(
    Array.from({ length: 2 }, () => ['encode', { tags: ['fast'], spill: 'busy' }]),
  );
  const both = { tags: { [large]: 'fast', [little]: 'near' }, spill: 'never' } as const;
  const tags = planTasks(jobId, plans, { ...order, pins: both }).flatMap(({ pin }) => pin?.tags.join('+') ?? []);
  expect(new Set(tags)).toEqual(new Set(shared ? ['fast+near'] : ['fast', 'near']));
});

test('without tags the tasks are as before', async () => {
  expect(planTasks(jobId, await shelved(), order).some(({ pin }) => pin !== undefined)).toBe(false);
});
