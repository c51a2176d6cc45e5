import type { JobRecord, SchedulerState, Volume } from '@reelmill/scheduler';
import { freeBytes } from '@reelmill/storage';
import type { JobRequest } from '../jobRecords.ts';
import { volumeOf } from './spaceCheck.ts';

/** Folders that are looked at for one unknown disk in one measurement: a network disk may be gone, with all of them. */
const foldersTried = 8;

/** What is free on the disks that open jobs write to. */
export interface UsedVolumes {
  measure(state: SchedulerState): Promise<Volume[]>;
}

/** Remembers where each disk was met, so that a long queue is not walked, nor its folders looked at, each time. */
export function createUsedVolumes(dataDir: string): UsedVolumes {
  const places = new Map<string, string>();

  const find = async (state: SchedulerState, volume: string): Promise<void> => {
    for (const folder of foldersOn(state, volume)) {
      const known = await volumeOf(folder).catch(() => null); // gone or out of reach: its jobs will say so
      if (known !== null) places.set(known.volume, known.where);
      if (places.has(volume)) return;
    }
  };

  const measureOne = async (volume: string, where: string): Promise<Volume[]> => {
    try {
      // another disk may be mounted there meanwhile, or the folder be gone
      if ((await volumeOf(where)).volume === volume) return [{ volume, freeBytes: await freeBytes(where) }];
    } catch {
      // out of reach: as a disk that nobody measures
    }
    places.delete(volume);
    return [];
  };

  return {
    async measure(state) {
      const own = await volumeOf(dataDir);
      places.set(own.volume, own.where);
      const wanted = new Set([own.volume, ...volumesOf(state)]);
      for (const volume of wanted) if (!places.has(volume)) await find(state, volume);
      const found = [...wanted].flatMap((volume) => {
        const where = places.get(volume);
        return where === undefined ? [] : [measureOne(volume, where)];
      });
      return (await Promise.all(found)).flat();
    },
  };
}

function volumesOf({ index }: SchedulerState): Set<string> {
  const { begun, aheadBytes } = index.space;
  const volumes = new Set([...aheadBytes].flatMap(([volume, bytes]) => (bytes > 0 ? [volume] : [])));
  for (const { space = [] } of begun.values()) for (const need of space) volumes.add(need.volume);
  return volumes;
}

/** Some folders that jobs which need the disk write to. */
function foldersOn({ index }: SchedulerState, volume: string): Set<string> {
  const folders = new Set<string>();
  const add = ({ space = [], request }: JobRecord): void => {
    if (folders.size < foldersTried && space.some((need) => need.volume === volume)) {
      folders.add((request as JobRequest).outputFolder);
    }
  };
  for (const jobs of [index.space.begun, index.space.ahead]) jobs.forEach(add);
  return folders;
}
