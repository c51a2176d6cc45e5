import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dataFiles,
  type FarmSnapshot,
  RuntimeFile,
  FarmSnapshot as Snapshot,
  type SubmitAnswer,
} from '@reelmill/protocol';

/** The REST door of a running coordinator, opened with the owner token of its data folder. */
export interface FarmApi {
  readonly runtime: RuntimeFile;
  farm(): Promise<FarmSnapshot['farm']>;
  submit(request: Record<string, unknown>): Promise<SubmitAnswer>;
}

export async function openFarmApi(dataDir: string): Promise<FarmApi> {
  const runtime = RuntimeFile.parse(JSON.parse(await readFile(join(dataDir, dataFiles.runtime), 'utf8')));
  const token = (await readFile(join(dataDir, dataFiles.ownerToken), 'utf8')).trim();
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${runtime.apiUrl}/api/v1${path}`, { ...init, headers });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    runtime,
    farm: async () => Snapshot.parse(await call('/farm')).farm,
    submit: async (request) => (await call('/jobs', { method: 'POST', body: JSON.stringify(request) })) as SubmitAnswer,
  };
}
