import { ailing, type DoctorCheck, type DoctorReport, healthy, productVersion, toFarmError } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import { lanAddresses } from '../discovery/lanAddresses.ts';
import type { DoorStanding, FarmProjection } from '../farmCorePort.ts';
import { checkDisk, checkEncoders, checkFfmpeg, checkNodes, checkStore } from './farmChecks.ts';
import { checkAddress, checkMdns, checkPort } from './networkChecks.ts';

/** A store that answers later than this is no store to render with. */
const storeAnswersWithinMs = 5_000;

/** Looks at everything that a render needs, without touching any job. Never rejects: what fails is a finding. */
export async function examine(
  { store, tools, presets }: Pick<CoreContext, 'store' | 'tools' | 'presets'>,
  projection: FarmProjection,
  doors: DoorStanding,
): Promise<DoctorReport> {
  const { nodes, stats, coordinatorName } = projection.snapshot({ begun: true }).farm;
  const addresses = lanAddresses();
  const joined = nodes.filter(({ local, state }) => !local && state !== 'found' && state !== 'refused').length;
  const [port, stored] = await Promise.all([checkPort(doors, addresses), storeFinding(store)]);
  const checks: DoctorCheck[] = [
    healthy('coordinator', `${coordinatorName}, Reelmill ${productVersion}.`),
    checkAddress(doors, addresses),
    port,
    checkMdns(doors, joined),
    stored,
    checkDisk(stats.disk),
    checkFfmpeg(tools),
    checkEncoders(tools, presets),
    checkNodes(nodes),
  ];
  return { checks, examinedAt: new Date().toISOString() };
}

async function storeFinding(store: CoreContext['store']): Promise<DoctorCheck> {
  try {
    return await checkStore(store, AbortSignal.timeout(storeAnswersWithinMs));
  } catch (thrown) {
    const { code, message, fix } = toFarmError(thrown);
    return ailing('store', 'fault', {
      found: `A small object could not be written and read (${code}).`,
      cause: message,
      fix,
    });
  }
}
