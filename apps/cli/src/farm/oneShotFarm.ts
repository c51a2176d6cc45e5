import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Coordinator, createCoordinator } from '@reelmill/coordinator';
import { userPresetsFolder } from '@reelmill/media';
import { BugError, dataFiles, FarmError } from '@reelmill/protocol';
import { journalWorkerOfBundle } from './bundledFiles.ts';
import { defaultDataFolder } from './dataFolders.ts';
import { type LocalAgents, startLocalAgents } from './localAgents.ts';
import { storageSettingsFromEnvironment } from './storageSettings.ts';

export interface OneShotFarmOptions {
  readonly dataDir: string;
  readonly agents: number;
  readonly slotsPerAgent: number;
  readonly onAgentLine?: (agent: number, line: unknown) => void;
}

export interface OneShotFarm {
  readonly coordinator: Coordinator;
  readonly agents: LocalAgents;
  close(): Promise<void>;
}

/** Slots of each of `agents` agents so that together they use this machine once (decision 3). */
export function slotsPerAgent(agents: number, threads: number): number {
  return Math.max(1, Math.floor(availableParallelism() / threads / agents));
}

/** A coordinator inside this process and agents as child processes, all ended by `close`. */
export async function openOneShotFarm(options: OneShotFarmOptions): Promise<OneShotFarm> {
  let agents: LocalAgents | undefined;
  // They start while the coordinator does, and wait for its address in the data folder.
  const startAgents = (dataDir: string): void => {
    agents = startLocalAgents({
      count: options.agents,
      slots: options.slotsPerAgent,
      coordinatorDataFolder: dataDir,
      agentsFolder: join(dataDir, 'agents'),
      ...(options.onAgentLine === undefined ? {} : { onLine: options.onAgentLine }),
    });
  };
  try {
    const coordinator = await openCoordinator(options.dataDir, startAgents);
    if (agents === undefined) throw new BugError('the coordinator never owned its data folder');
    const started = agents;
    const close = async (): Promise<void> => {
      await started.stop();
      await coordinator.close();
    };
    return { coordinator, agents: started, close };
  } catch (thrown) {
    await (agents as LocalAgents | undefined)?.stop();
    throw thrown;
  }
}

/** The same command may run twice at once: the second one works in a folder of its own. */
async function openCoordinator(dataDir: string, onLocked: (folder: string) => void): Promise<Coordinator> {
  for (let copy = 1; ; copy += 1) {
    const folder = copy === 1 ? dataDir : `${dataDir}-${copy}`;
    await mkdir(folder, { recursive: true });
    try {
      return await createCoordinator({
        dataDir: folder,
        host: '127.0.0.1',
        port: 0,
        lan: false,
        storage: storageSettingsFromEnvironment(process.env),
        staticFolder: null,
        logLevel: 'error',
        // Nobody is left afterwards who could expire them.
        keepScratch: 'verify',
        waitsForSpace: false,
        // A short film must not wait for devices it does not need.
        provesHardware: 'when-asked',
        // Scratch goes with the command; the key that vouches for its outputs stays.
        signingKeyFile: join(defaultDataFolder(), dataFiles.signingKey),
        userPresetsFolder: userPresetsFolder(defaultDataFolder()),
        onLocked: () => onLocked(folder),
        ...journalWorkerOfBundle(),
      });
    } catch (thrown) {
      if (!(thrown instanceof FarmError) || thrown.code !== 'DATA_DIR_BUSY') throw thrown;
    }
  }
}

/** Scratch of this command, of which nothing is wanted any more. */
export const removeScratch = (dataDir: string): Promise<void> => rm(dataDir, { recursive: true, force: true });
