import type { HardwareProof, Toolchain } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { whyNotOn } from '../plan/judgeToolchain.ts';
import { planRendition } from '../plan/planRendition.ts';
import { applySettings } from '../presets/applySettings.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { chooseHardwareClass, type HardwareCandidate } from './chooseHardwareClass.ts';
import { askedHardware, type HardwareVideo, hardwareClassesOf, readToolchainClass } from './hardwareClass.ts';

const presets = await loadTimedPresets();
const settings = { encoder: 'hardware' };
const videoOf = (presetId: string): HardwareVideo => {
  const video = askedHardware(applySettings(findPreset(presets, presetId), settings).video);
  if (!video) throw new Error(`${presetId} does not ask for hardware`);
  return video;
};
const toolchain = (classId: string): Toolchain => ({
  ...{ ffmpegVersion: '5.1.9', buildHash: '0'.repeat(64), arch: 'x64', classId },
  encoders: ['aac', 'h264_nvenc', 'h264_vaapi', 'libx264'],
});
const works = (encoder: string): HardwareProof => ({
  ...{ encoder, proven: true, reason: 'It works.' },
  forms: [
    { form: 'bitrate', whyNot: null },
    { form: 'constant-quality', whyNot: null },
    { form: 'capped-quality', whyNot: 'Driver does not support QVBR' },
  ],
});
const lacks = (encoder: string, reason: string): HardwareProof => ({ encoder, proven: false, reason, forms: [] });
const node = (name: string, proofs: HardwareProof[] | null, more: Partial<HardwareCandidate> = {}) => ({
  ...{ name, slots: 1, toolchain: toolchain('own-x64'), proofs },
  ...more,
});

test('a class names build, encoder and form, and is read back', () => {
  const [first] = hardwareClassesOf('own-x64', [works('h264_nvenc')]);
  expect(first).toBe('own-x64+h264_nvenc.bitrate');
  expect(readToolchainClass(first ?? '')).toEqual({
    software: 'own-x64',
    hardware: { encoder: 'h264_nvenc', form: 'bitrate' },
  });
  expect(hardwareClassesOf('own-x64', [works('h264_nvenc')])).not.toContain('own-x64+h264_nvenc.capped-quality');
  expect(readToolchainClass('own-x64')).toEqual({ software: 'own-x64', hardware: null });
});

test('the class with the most slots is taken; of equals our own build, then the preferred encoder', () => {
  const choose = (...nodes: HardwareCandidate[]) => chooseHardwareClass(videoOf('h264-720p'), nodes, 'own-x64');
  expect(choose(node('a', [works('h264_vaapi'), works('h264_nvenc')]))).toBe('own-x64+h264_nvenc.constant-quality');
  expect(choose(node('a', [works('h264_nvenc')]), node('b', [works('h264_vaapi')], { slots: 4 }))).toContain('vaapi');
  const other = node('c', [works('h264_nvenc')], { toolchain: toolchain('other-x64') });
  expect(choose(other, node('a', [works('h264_vaapi')]))).toContain('own-x64+');
});

test('where nobody proved one, the refusal says why of each node', () => {
  const nodes = [
    node('gpu', [lacks('h264_nvenc', 'Cannot load libcuda.so.1'), lacks('h264_qsv', 'unsupported (-3)')]),
    node('mute', null),
  ];
  expect(() => chooseHardwareClass(videoOf('h264-720p'), nodes, 'own-x64')).toThrow(
    expect.objectContaining({
      code: 'HARDWARE_UNPROVEN',
      message:
        'No connected node proved a hardware encoder for h264 (constant quality). ' +
        'gpu: h264_nvenc: Cannot load libcuda.so.1; h264_qsv: unsupported (-3). mute: it did not answer.',
    }),
  );
  expect(() => chooseHardwareClass(videoOf('hevc-2160p'), [node('gpu', [works('h264_nvenc')])], 'x')).toThrow(
    /hevc \(constant quality 10bit\)\. gpu: its FFmpeg has no hardware encoder for hevc/,
  );
  expect(() => chooseHardwareClass(videoOf('social-portrait'), [node('gpu', [works('h264_nvenc')])], 'x')).toThrow(
    /gpu: h264_nvenc: Driver does not support QVBR/,
  );
});

test('a plan of hardware takes its encoder from the class; one of software never does', () => {
  const plan = (own: Record<string, string>, toolchainClass: string) =>
    planRendition({
      ...{ info: plainInfo, index: indexOf(steadyPts(300), 30), identity: plainIdentity, settings: own },
      ...{ preset: findPreset(presets, 'h264-720p'), chunkSeconds: 2, threads: null, toolchainClass, verify: 'seams' },
    });
  const hardware = plan(settings, 'own-x64+h264_vaapi.constant-quality');
  expect(hardware.video).toMatchObject({ encoder: 'h264_vaapi', pixelFormat: 'nv12', chunkContainer: 'mp4' });
  expect(hardware.video.filters.join()).toContain('format=nv12');
  expect(hardware.toolchainClass).toBe('own-x64+h264_vaapi.constant-quality');
  expect(plan({}, 'own-x64').video).not.toHaveProperty('device');
  expect(() => plan(settings, 'own-x64')).toThrow(expect.objectContaining({ code: 'HARDWARE_UNPROVEN' }));
  expect(() => plan({ encoder: 'gpu' }, 'own-x64')).toThrow(expect.objectContaining({ code: 'PRESET_INVALID' }));
});

test('each node is judged by what it proved', () => {
  const requires = { toolchainClass: 'own-x64+h264_nvenc.constant-quality', encoders: ['h264_nvenc', 'aac'] };
  const why = (proofs: HardwareProof[] | null) => whyNotOn({ toolchain: toolchain('own-x64'), proofs }, requires);
  expect(why([works('h264_nvenc')])).toBeNull();
  expect(why(null)).toBe('It has not tried h264_nvenc yet.');
  expect(why([lacks('h264_nvenc', 'Cannot load libcuda.so.1')])).toBe(
    'It could not prove h264_nvenc: Cannot load libcuda.so.1.',
  );
  expect(whyNotOn({ toolchain: toolchain('other-x64'), proofs: null }, requires)).toMatch(/build own-x64, because/);
});
