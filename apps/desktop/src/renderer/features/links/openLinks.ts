import { assertNever } from '@reelmill/protocol';
import type { DeepLink } from '../../../shared/farmHost.ts';
import { useFarmStore } from '../../store/farmStore.ts';
import { notify, notifyFailure } from '../../store/notices.ts';
import { setView } from '../../store/viewStore.ts';
import { addContent } from '../intake/submit.ts';
import { askLink } from './linkQuestion.ts';

/** Follows what a `reelmill://` address asks for. Whatever changes the farm is asked about first. */
export function openLink(link: DeepLink): void {
  switch (link.kind) {
    case 'job':
      openJob(link.id);
      break;
    case 'node':
      setView({ screen: 'nodes' });
      break;
    case 'add':
      askLink({
        title: link.paths.length === 1 ? 'Add this file to the queue?' : `Add ${link.paths.length} files to the queue?`,
        lines: link.paths,
        yesLabel: 'Add',
        yes: () => void addContent({ paths: [...link.paths], files: [] }).catch(notifyFailure),
      });
      break;
    case 'pair':
      setView({ screen: 'nodes', addNodeOpen: true });
      notify('info', 'A link asked to pair a machine. Nothing was paired.', 'Machines join with the line shown here.');
      break;
    default:
      assertNever(link);
  }
}

function openJob(id: string): void {
  const job = useFarmStore.getState().replica?.farm.jobs.find(({ jobId }) => jobId === id);
  if (job === undefined) notify('info', `There is no job ${id} here any more.`);
  else setView({ screen: 'queue', filter: 'all', search: '', selectedJob: job.jobId, inspectorOpen: true });
}
