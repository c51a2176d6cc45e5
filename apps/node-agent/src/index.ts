import { fileURLToPath } from 'node:url';

export type { LifecycleEvent } from './lifecycle.ts';

/** Absolute path of the launcher: `node {agentLauncher} --json …` starts one agent. */
export const agentLauncher: string = fileURLToPath(new URL('../bin/reelmill-agent.mjs', import.meta.url));
