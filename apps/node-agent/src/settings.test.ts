import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultSlots, parseAddress, parseSettings, readToken, SettingsExit } from './settings.ts';

const gibibyte = 1024 ** 3;

describe('settings', () => {
  test('without flags the agent searches the network under the name of its host', () => {
    const settings = parseSettings([], {});
    expect(settings.coordinator).toEqual({ kind: 'mdns' });
    expect(settings.mdns).toBe(true);
    expect(settings.token).toBeNull();
    expect(settings.dataDir.chosen).toBe(false);
    expect(settings.name).not.toBe('');
  });

  test('a typed address is preferred over the local data folder and the network', () => {
    const settings = parseSettings(['--coordinator', '10.0.0.5:7500', '--local-data-dir', '/farm'], {});
    expect(settings.coordinator).toEqual({ kind: 'address', address: { host: '10.0.0.5', port: 7500 } });
  });

  test('a local data folder brings its own token and publishes nothing', () => {
    const settings = parseSettings(['--local-data-dir', '/farm'], {});
    expect(settings.coordinator).toEqual({ kind: 'data-dir', path: '/farm' });
    expect(settings.token).toEqual({ kind: 'file', path: join('/farm', 'join-token') });
    expect(settings.mdns).toBe(false);
  });

  test('the token file wins over the environment', () => {
    const env = { REELMILL_JOIN_TOKEN: 'from-env\n', REELMILL_AGENT_DATA: '/data' };
    expect(parseSettings([], env).token).toEqual({ kind: 'text', token: 'from-env' });
    expect(parseSettings(['--token-file', '/t'], env).token).toEqual({ kind: 'file', path: '/t' });
    expect(parseSettings([], env).dataDir).toEqual({ path: '/data', chosen: true });
  });

  test('FFMPEG_TIMEOUT is seconds, the flag wins, and what is no number is refused', () => {
    expect(parseSettings([], {}).ffmpegTimeoutSeconds).toBeNull();
    expect(parseSettings([], { FFMPEG_TIMEOUT: '90' }).ffmpegTimeoutSeconds).toBe(90);
    expect(parseSettings(['--ffmpeg-timeout', '30'], { FFMPEG_TIMEOUT: '90' }).ffmpegTimeoutSeconds).toBe(30);
    expect(() => parseSettings([], { FFMPEG_TIMEOUT: 'soon' })).toThrow(SettingsExit);
  });

  test('addresses take a default port, IPv6 brackets and a scheme', () => {
    expect(parseAddress('farm.local')).toEqual({ host: 'farm.local', port: 7420 });
    expect(parseAddress('[fd00::1]:80')).toEqual({ host: 'fd00::1', port: 80 });
    expect(parseAddress('http://[fd00::1]/')).toEqual({ host: 'fd00::1', port: 7420 });
    expect(parseAddress('[fd00::1]:8080')).toEqual({ host: 'fd00::1', port: 8080 });
    expect(parseAddress('http://10.0.0.1:7421')).toEqual({ host: '10.0.0.1', port: 7421 });
  });

  test('memory, tags and kinds are what the node tells the coordinator', () => {
    const line = ['--memory', '12GB', '--tag', 'gpu', '--tag', 'studio-b', '--tag', 'gpu', '--kinds', 'encode,audio'];
    const { memoryBytes, tags, kinds } = parseSettings(line, {});
    expect([memoryBytes, tags, kinds]).toEqual([12e9, ['gpu', 'studio-b'], ['encode', 'audio']]);
    const capped = parseSettings(['--kinds', 'encode:4, audio:1,join'], {});
    expect([capped.kinds, capped.kindCaps]).toEqual([['encode', 'audio', 'join'], { encode: 4, audio: 1 }]);
    const plain = parseSettings([], {});
    expect([plain.memoryBytes, plain.tags, plain.kinds]).toEqual([null, [], null]);
  });

  test.each([
    ['--memory', '12'],
    ['--tag', 'two words'],
    ['--kinds', 'encode,publish'],
    ['--kinds', 'encode:0'],
    ['--kinds', 'encode:2,encode'],
    ['--kinds', 'encode:2:3'],
    ['--slots', '0'],
    ['--slots', 'many'],
    ['--coordinator', 'not an address'],
    ['--unknown'],
  ])('a line that cannot be understood ends with exit code 2: %s %s', (...args) => {
    const attempt = (): unknown => parseSettings(args, {});
    expect(attempt).toThrow(SettingsExit);
    try {
      attempt();
    } catch (cause) {
      expect((cause as SettingsExit).exitCode).toBe(2);
    }
  });

  test('--no-mdns without an address leaves nothing to dial and is refused', () => {
    expect(() => parseSettings(['--no-mdns'], {})).toThrow(SettingsExit);
  });

  test('slots are bounded by CPUs per thread and by a GiB of free memory each, never below one', () => {
    expect(defaultSlots(1, { cpus: 8, availableMemoryBytes: 64 * gibibyte })).toBe(8);
    expect(defaultSlots(3, { cpus: 8, availableMemoryBytes: 64 * gibibyte })).toBe(2);
    expect(defaultSlots(1, { cpus: 8, availableMemoryBytes: 2.5 * gibibyte })).toBe(2);
    expect(defaultSlots(4, { cpus: 2, availableMemoryBytes: 0 })).toBe(1);
  });

  test('a token file is read without its newline; a missing one is a NOT_AUTHORIZED that names it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'reelmill-settings-')), 'token');
    expect(() => readToken({ kind: 'file', path })).toThrow(path);
    writeFileSync(path, 'abc\n');
    expect(readToken({ kind: 'file', path })).toBe('abc');
    expect(readToken(null)).toBeNull();
  });

  test('a machine is lent on terms; encoders of a borrowed one get out of the way', () => {
    const line = ['--schedule', 'Mon-Fri 19:00-07:00', '--ease-off', 'load', '--cpu-limit', '50%', '--at-edge', 'now'];
    expect(parseSettings(line, {}).lending).toMatchObject({
      schedule: { text: 'mon-fri 19:00-07:00' },
      easeOff: 'load',
      cpuLimitPercent: 50,
      atEdge: 'now',
      priority: 'below-normal',
    });
    const own = { schedule: null, easeOff: 'off', cpuLimitPercent: null, atEdge: 'after-chunk', priority: 'normal' };
    expect(parseSettings([], {}).lending).toEqual(own);
    expect(parseSettings(['--cpu-limit', '20', '--priority', 'low'], {}).lending.priority).toBe('low');
    for (const wrong of [
      ['--cpu-limit', '0'],
      ['--cpu-limit', '101%'],
      ['--schedule', 'moo'],
      ['--ease-off', 'no'],
    ])
      expect(() => parseSettings(wrong, {})).toThrow(SettingsExit);
  });
});
