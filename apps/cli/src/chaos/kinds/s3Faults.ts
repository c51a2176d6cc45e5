import { toFarmError } from '@reelmill/protocol';
import { createS3Store } from '@reelmill/storage';
import { type StorageSettings, storageSettingsFromEnvironment } from '../../farm/storageSettings.ts';
import type { ChaosContext, Fault } from '../chaosCase.ts';
import { openRelay, type WireFault } from '../relay.ts';
import { openRelayedFarm, type RelayedFarm } from '../relayedFarm.ts';
import { type FlipCase, onTheWay } from './bitFlips.ts';
import { type StoreCase, spoil } from './storeFaults.ts';

type S3Case = StoreCase | FlipCase;

const done = (method: 'GET' | 'PUT', name: string, fault: WireFault, says: string, times = 1): StoreCase => ({
  id: `s3-${method.toLowerCase()}-${name}${times === 1 ? '' : `-x${times}`}`,
  ...{ kind: 's3', isFast: false, method, fault, times },
  title: `${says}, to ${times} ${method === 'GET' ? 'fetches' : 'uploads'} in a row, on S3`,
});
const turned = (where: 'source' | 'upload', flips: FlipCase['flips']): FlipCase => ({
  ...{ id: `s3-flip-${where}`, kind: 's3', isFast: false, where, flips },
  title: `${flips.length} bits of ${where === 'source' ? 'the source' : 'results'} turned over on the way, on S3`,
});

const status = (code: number): WireFault => ({ kind: 'status', status: code });
const silence: WireFault = { kind: 'silence', cutAfterMs: 2_000 };
const cases: readonly S3Case[] = [
  done('GET', '503', status(503), 'status 503'),
  done('GET', '503', status(503), 'status 503', 3),
  done('GET', 'silence', silence, 'no answer for 2 s, then a cut'),
  done('GET', 'cut', { kind: 'cut' }, 'the line is cut halfway'),
  done('PUT', '500', status(500), 'status 500'),
  done('PUT', '503', status(503), 'status 503', 3),
  done('PUT', 'silence', silence, 'no answer for 2 s, then a cut'),
  done('PUT', 'cut', { kind: 'cut' }, 'the line is cut halfway'),
  done('PUT', 'lost-answer', { kind: 'lost-answer' }, 'done, but the answer is lost'),
  done('PUT', 'lost-answer', { kind: 'lost-answer' }, 'done, but the answer is lost', 3),
  turned('source', [
    { at: 0.11, bit: 3 },
    { at: 0.74, bit: 6 },
  ]),
  turned('upload', [
    { at: 0, bit: 0 },
    { at: 0.37, bit: 5 },
    { at: 0.999, bit: 7 },
  ]),
];

/** The same faults between agents and a real S3 store: one farm after the other has the bucket to itself. */
export const s3Faults: Fault<S3Case> = {
  kind: 's3',
  cases,
  lanes: 1,
  missing: whyNoBucket,
  open: async (context) => {
    const bench = await openOnS3(context);
    return {
      run: (one, signal) =>
        'flips' in one ? onTheWay(one, { bench, context, signal }) : spoil(one, { bench, context, signal }),
      close: () => bench.close(),
    };
  },
};

const settingsFor = (bucket: string): StorageSettings =>
  storageSettingsFromEnvironment({ ...process.env, REELMILL_S3_BUCKET: bucket });

/** Everything of a farm lies below it. */
const farmPrefix = 'videos/';

/** A bucket in which something lies may be somebody's farm: it is left alone. */
async function whyNoBucket({ bucket }: Pick<ChaosContext, 'bucket'>): Promise<string | null> {
  if (bucket === null)
    return 'it needs an S3 store: --bucket, with REELMILL_S3_ENDPOINT and its keys in the environment';
  const settings = settingsFor(bucket);
  if (settings.kind !== 's3') return 'REELMILL_S3_ENDPOINT and its keys are not in the environment';
  if (settings.useSSL) return 'the relay that does the faults speaks no TLS: name an http endpoint';
  const store = createS3Store(settings);
  try {
    await store.ready();
    const objects = await store.list(farmPrefix);
    return objects.length === 0 ? null : `the bucket ${bucket} is not empty: name one of its own`;
  } catch (thrown) {
    return toFarmError(thrown).message;
  }
}

async function openOnS3(context: ChaosContext): Promise<RelayedFarm> {
  const settings = settingsFor(String(context.bucket));
  if (settings.kind !== 's3') throw new Error('asked for without a store');
  const { endpoint, port, accessKey, secretKey, bucket, region } = settings;
  const relay = await openRelay(() => `${endpoint}:${port}`);
  const serveEnv = {
    REELMILL_S3_ENDPOINT: `http://${relay.address}`,
    REELMILL_S3_ACCESS_KEY: accessKey,
    REELMILL_S3_SECRET_KEY: secretKey,
    REELMILL_S3_BUCKET: bucket,
    REELMILL_S3_REGION: region,
  };
  const farm = await openRelayedFarm(context, { store: { relay, serveEnv } });
  return {
    ...farm,
    async close() {
      await farm.close();
      await relay.close();
      await createS3Store(settings).removePrefix(farmPrefix);
    },
  };
}
