import { join } from 'node:path';
import { isFolderPreset, outputName, packageName } from '@reelmill/media';
import {
  type AnyPreset,
  defaultNameTemplate,
  type ErrorData,
  FarmError,
  nameTemplateFault,
  toFarmError,
} from '@reelmill/protocol';
import type { JobRequest } from '../jobRecords.ts';
import { foldName, freeName, namesIn } from './freeName.ts';
import type { OutputNames } from './outputNames.ts';
import type { packageOrder } from './packageOrder.ts';
import { assertWritableFolder } from './writableFolder.ts';

export interface FolderFacts {
  readonly names: ReadonlySet<string>;
  readonly refusal: ErrorData | null;
}

/** What is in each folder, and whether it can be written. */
export async function inspectFolders(folders: readonly string[]): Promise<Map<string, FolderFacts>> {
  const facts = await Promise.all(
    folders.map(async (folder): Promise<[string, FolderFacts]> => {
      try {
        await assertWritableFolder(folder);
        return [folder, { names: await namesIn(folder), refusal: null }];
      } catch (thrown) {
        return [folder, { names: new Set(), refusal: toFarmError(thrown).toData() }];
      }
    }),
  );
  return new Map(facts);
}

interface NamePlace {
  readonly folder: string;
  readonly facts: FolderFacts;
  /** By earlier inputs of the same submission. */
  readonly reserved: Set<string>;
  readonly names: OutputNames;
  /** Paths of the job itself, which are not in its own way. */
  readonly own?: ReadonlySet<string>;
}

interface WantedOutputs {
  readonly presets: readonly AnyPreset[];
  readonly naming: NonNullable<JobRequest['naming']>;
  readonly packaging: ReturnType<typeof packageOrder>;
}

/** Settles the paths of a job: the first free ones, so that nothing is overwritten. */
export function settlePaths(
  title: string,
  { presets, naming, packaging }: WantedOutputs,
  place: NamePlace,
): Pick<JobRequest, 'renditions' | 'package' | 'naming'> {
  const renditions = presets.map((preset) => ({
    preset: preset.id,
    plannedOutput: reserve(outputName(title, preset, naming), isFolderPreset(preset) ? '' : undefined, place),
  }));
  const plannedPath = packaging && reserve(packageName(title, naming), '', place);
  return {
    renditions,
    package: packaging && plannedPath !== null ? { ...packaging, plannedPath } : null,
    ...(naming.template !== defaultNameTemplate && { naming }),
  };
}

function reserve(wanted: string, extension: string | undefined, where: NamePlace): string {
  const folder = foldName(where.folder);
  const isTaken = (folded: string) => {
    const path = join(folder, folded);
    const isPlanned = where.names.isPlanned(path) && where.own?.has(path) !== true;
    return where.facts.names.has(folded) || where.reserved.has(path) || isPlanned;
  };
  const numbers = where.names.numbersIn(folder);
  const name = freeName(wanted, isTaken, { ...(extension !== undefined && { extension }), numbers });
  where.reserved.add(join(folder, foldName(name)));
  return join(where.folder, name);
}

/** Throws NAME_INVALID with what is wrong with a template. */
export function assertNameTemplate(template: string): void {
  const fault = nameTemplateFault(template);
  if (fault !== null) throw new FarmError('NAME_INVALID', { message: fault, details: { name: template } });
}

/** Local time of now, as names of outputs tell it. */
export function localTime(now = new Date()): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
