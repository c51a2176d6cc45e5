import { exitCodes, type FarmError } from '@reelmill/protocol';

/** Decision 24: what a command ends with when it fails as a whole. */
export function exitCodeOf(error: FarmError): number {
  switch (error.code) {
    case 'SERVER_UNREACHABLE':
    case 'NO_COORDINATOR_FOUND':
      return exitCodes.unreachable;
    case 'NOT_AUTHORIZED':
    case 'FORBIDDEN':
    case 'ROGUE_COORDINATOR':
      return exitCodes.notAuthorized;
    case 'INTERRUPTED':
      return exitCodes.interrupted;
    case 'USAGE':
    case 'PRESET_UNKNOWN':
    case 'PRESET_INVALID':
    case 'QUEUE_UNKNOWN':
    case 'NO_INPUT':
    case 'REQUEST_INVALID':
    case 'NOT_FOUND':
    case 'JOB_STATE':
    case 'NODE_STATE':
    case 'SETUP_MISSING':
    case 'STORE_EMBEDDED':
      return exitCodes.usage;
    default:
      return exitCodes.jobFailed;
  }
}
