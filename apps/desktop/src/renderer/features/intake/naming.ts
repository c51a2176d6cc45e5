import type { JobId } from '@reelmill/protocol';
import { create } from 'zustand';

/** What the dialog of names is about: new jobs, or one that waits. */
type NamingSubject = { readonly kind: 'new' } | { readonly kind: 'job'; readonly jobId: JobId };

export const useNaming = create<{ readonly subject: NamingSubject | null }>()(() => ({ subject: null }));

export const openNaming = (): void => useNaming.setState({ subject: { kind: 'new' } });
export const openRename = (jobId: JobId): void => useNaming.setState({ subject: { kind: 'job', jobId } });
export const closeNaming = (): void => useNaming.setState({ subject: null });
