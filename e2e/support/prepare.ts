import { ensureElectron } from './electronRuntime.ts';
import { ensureMinio } from './minioBinary.ts';

// Run by `npm test` before any test: what is fetched or built once takes longer than a test may wait for it. What cannot
// be had is said here, and again by the tests that need it.
const prepared = await Promise.allSettled([ensureMinio(), ensureElectron()]);
for (const one of prepared) if (one.status === 'rejected') console.error(`test set-up: ${one.reason}`);
