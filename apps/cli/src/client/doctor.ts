import { type DoctorReport, exitCodes, FarmError } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { defaultDataFolder } from '../farm/dataFolders.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { doctorText } from '../output/doctorText.ts';

/** `reelmill doctor`: of the coordinator, else of this machine. Returns 1 where something does not work. */
export async function doctor(options: ClientOptions): Promise<number> {
  const report = await examined(options);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : doctorText(report));
  return report.checks.some(({ state }) => state === 'fault') ? exitCodes.jobFailed : exitCodes.done;
}

/** A coordinator that was named has to answer; where none was, its absence is the first finding. */
async function examined(options: ClientOptions): Promise<DoctorReport> {
  const isNamed = (options.server ?? process.env.REELMILL_SERVER) !== undefined;
  try {
    return await callApi<DoctorReport>(await findServer(options), '/doctor');
  } catch (thrown) {
    if (isNamed || !(thrown instanceof FarmError) || thrown.code !== 'SERVER_UNREACHABLE') throw thrown;
    const { examineMachine } = await import('@reelmill/coordinator');
    return examineMachine(options.data ?? defaultDataFolder());
  }
}
