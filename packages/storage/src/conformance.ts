import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobId, RenditionId, TaskId } from '@reelmill/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedUrlConformance } from './conformanceOfSignedUrls.ts';
import { bytesOf, type ConformanceContext, type ConformanceSubject, codeOf, freshKey } from './conformanceTools.ts';
import { sha256OfBytes } from './hashing.ts';
import { objectKeys } from './objectKeys.ts';

/** The promises of the storage port; every driver passes this suite as it is. */
export function objectStoreConformance(name: string, makeSubject: () => Promise<ConformanceSubject>): void {
  describe(`object store: ${name}`, () => {
    let subject: ConformanceSubject;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'reelmill-conformance-'));
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject?.close();
      await rm(folder, { recursive: true, force: true });
    });
    const context = { subject: () => subject, folder: () => folder };
    readingAndWriting(context);
    promoting(context);
    listingAndRemoving(context);
    signedUrlConformance(context);
  });
}

function readingAndWriting({ subject, folder }: ConformanceContext): void {
  test('bytes come back as they went in, whole and by range', async () => {
    const { store } = subject();
    const key = freshKey();
    const bytes = randomBytes(100_000);
    expect(await store.putBytes(key, bytes)).toEqual({ sha256: sha256OfBytes(bytes) });
    expect((await bytesOf(await store.get(key))).equals(bytes)).toBe(true);
    const part = await bytesOf(await store.get(key, { range: { start: 10, end: 20 } }));
    expect(part.equals(bytes.subarray(10, 20))).toBe(true);
    expect(await store.head(key)).toEqual({ key, sizeBytes: 100_000, sha256: sha256OfBytes(bytes) });
  });

  test('an empty object is an object', async () => {
    const { store } = subject();
    const key = freshKey();
    await store.putBytes(key, new Uint8Array(0));
    expect(await store.head(key)).toMatchObject({ sizeBytes: 0 });
    expect((await bytesOf(await store.get(key))).length).toBe(0);
  });

  test('a file goes in and out with its size and hash', async () => {
    const { store } = subject();
    const [key, from, to] = [freshKey(), join(folder(), 'from'), join(folder(), 'to')];
    const bytes = randomBytes(3_000_000);
    await writeFile(from, bytes);
    const expected = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
    expect(await store.putFile(key, from)).toEqual(expected);
    expect(await store.getFile(key, to, { sha256: expected.sha256 })).toEqual(expected);
    expect((await readFile(to)).equals(bytes)).toBe(true);
  });

  test('a read that does not match the expected hash is STORAGE_CORRUPT and leaves no file', async () => {
    const { store } = subject();
    const key = freshKey();
    await store.putBytes(key, randomBytes(1000));
    const read = store.getFile(key, join(folder(), 'wrong'), { sha256: '0'.repeat(64) });
    expect(await codeOf(read)).toBe('STORAGE_CORRUPT');
    expect(await readdir(folder())).not.toContain('wrong');
  });

  test('what does not exist is null or NOT_FOUND', async () => {
    const { store, baseUrl } = subject();
    const key = freshKey();
    expect(await store.head(key)).toBeNull();
    expect(await codeOf(store.get(key))).toBe('NOT_FOUND');
    expect(await codeOf(store.getFile(key, join(folder(), 'missing')))).toBe('NOT_FOUND');
    expect(await codeOf(store.promote(key, freshKey()))).toBe('NOT_FOUND');
    expect(await codeOf(store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null }))).toBe('NOT_FOUND');
    expect(await codeOf(store.putFile(key, join(folder(), 'no such file')))).toBe('NOT_FOUND');
    expect(await store.head(key)).toBeNull();
  });

  test('a second write replaces the first as a whole, also when writers race', async () => {
    const { store } = subject();
    const key = freshKey();
    const versions = Array.from({ length: 6 }, () => randomBytes(200_000));
    await Promise.all(versions.map((bytes) => store.putBytes(key, bytes)));
    const found = sha256OfBytes(await bytesOf(await store.get(key)));
    expect(versions.map(sha256OfBytes)).toContain(found);
    await store.putBytes(key, Buffer.from('last'));
    expect(String(await bytesOf(await store.get(key)))).toBe('last');
    expect(await store.head(key)).toMatchObject({ sizeBytes: 4, sha256: sha256OfBytes(Buffer.from('last')) });
  });

  test('keys that climb or hide are refused before anything is touched', async () => {
    const { store } = subject();
    for (const key of ['../outside', 'videos/../../outside', '/etc/passwd', '.sha256/x', '', 'a//b', 'a\\..\\b']) {
      await expect(async () => await store.putBytes(key, Buffer.from('x'))).rejects.toThrow(/not an object key/);
      await expect(async () => await store.get(key)).rejects.toThrow(/not an object key/);
      await expect(async () => await store.remove(key)).rejects.toThrow(/not an object key/);
    }
  });

  test('a canceled transfer is CANCELED and leaves nothing', async () => {
    const { store } = subject();
    const key = freshKey();
    const from = join(folder(), 'big');
    await writeFile(from, randomBytes(2_000_000));
    expect(await codeOf(store.putFile(key, from, { signal: AbortSignal.abort() }))).toBe('CANCELED');
    expect(await store.head(key)).toBeNull();
    await store.putFile(key, from);
    const read = store.getFile(key, join(folder(), 'canceled'), { signal: AbortSignal.abort() });
    expect(await codeOf(read)).toBe('CANCELED');
    expect(await readdir(folder())).not.toContain('canceled');
  });
}

function promoting({ subject }: ConformanceContext): void {
  test('an accepted attempt is promoted without passing through the caller, again and again', async () => {
    const { store } = subject();
    const [attempt, accepted] = [freshKey(), freshKey()];
    const bytes = randomBytes(50_000);
    await store.putBytes(attempt, bytes);
    await store.promote(attempt, accepted);
    await store.promote(attempt, accepted);
    expect(await store.head(accepted)).toEqual({ key: accepted, sizeBytes: 50_000, sha256: sha256OfBytes(bytes) });
    await store.remove(attempt);
    expect((await bytesOf(await store.get(accepted))).equals(bytes)).toBe(true);
  });

  test('promoting over other content is refused and changes nothing', async () => {
    const { store } = subject();
    const [attempt, accepted] = [freshKey(), freshKey()];
    await store.putBytes(attempt, Buffer.from('new one'));
    await store.putBytes(accepted, Buffer.from('old one'));
    expect(await codeOf(store.promote(attempt, accepted))).toBe('STORAGE_REFUSED');
    expect(String(await bytesOf(await store.get(accepted)))).toBe('old one');
  });
}

function listingAndRemoving({ subject }: ConformanceContext): void {
  test('a job lies in the store in the documented layout', async () => {
    const { store } = subject();
    const job = JobId.parse('J-layoutlayo');
    const rendition = RenditionId.parse('h264-720p');
    const keys = [
      objectKeys.encoded(job, rendition, 'mp4'),
      objectKeys.attempt(TaskId.parse(`${job}/h264-720p/encode-0000`), 1, { random: 'r4nd0m', name: 'chunk.mp4' }),
      objectKeys.sourceManifest(job),
      objectKeys.segment(job, rendition, { index: 0, extension: 'mp4' }),
      objectKeys.sourceUpload(job, 'clip.mov'),
    ];
    for (const key of keys) await store.putBytes(key, Buffer.from(key));
    const layout = [
      'videos/J-layoutlayo/attempts/h264-720p-encode-0000/1-r4nd0m/chunk.mp4',
      'videos/J-layoutlayo/manifests/source.json',
      'videos/J-layoutlayo/outputs/h264-720p/segments/seg_0000.mp4',
      'videos/J-layoutlayo/source/clip.mov',
    ];
    const listed = await store.list(objectKeys.jobPrefix(job));
    expect(listed.map(({ key }) => key)).toEqual(layout);
    expect(listed.map(({ sizeBytes }) => sizeBytes)).toEqual(layout.map((key) => key.length));
    expect((await store.list('encoded/')).map(({ key }) => key)).toContain('encoded/J-layoutlayo_h264-720p.mp4');
    expect((await store.list('videos/J-layoutlayo/outputs/h264-720p/segments/seg_')).length).toBe(1);
    expect(await store.list('videos/J-nobodynobo/')).toEqual([]);
  });

  test('removing is complete and may be repeated', async () => {
    const { store } = subject();
    const job = JobId.parse('J-removeremo');
    const keep = freshKey();
    await store.putBytes(keep, Buffer.from('keep'));
    const chunk = objectKeys.segment(job, RenditionId.parse('x'), { index: 0, extension: 'mp4' });
    await store.putBytes(chunk, Buffer.from('1'));
    await store.putBytes(objectKeys.sourceManifest(job), Buffer.from('{}'));
    await store.remove(chunk);
    await store.remove(chunk);
    expect(await store.head(chunk)).toBeNull();
    await store.removePrefix(objectKeys.jobPrefix(job));
    await store.removePrefix(objectKeys.jobPrefix(job));
    expect(await store.list(objectKeys.jobPrefix(job))).toEqual([]);
    expect(await store.head(keep)).not.toBeNull();
  });

  test('a prefix without a slash removes by name, not by folder', async () => {
    const { store } = subject();
    const job = JobId.parse('J-prefixpref');
    for (const index of [1, 10, 2]) {
      await store.putBytes(
        objectKeys.segment(job, RenditionId.parse('x'), { index, extension: 'mp4' }),
        Buffer.from('1'),
      );
    }
    await store.removePrefix('videos/J-prefixpref/outputs/x/segments/seg_000');
    expect((await store.list(objectKeys.jobPrefix(job))).map(({ key }) => key)).toEqual([
      'videos/J-prefixpref/outputs/x/segments/seg_0010.mp4',
    ]);
    await expect(async () => await store.removePrefix('')).rejects.toThrow(/not a prefix to remove/);
  });
}
