import { enableCompileCache } from 'node:module';

// First of all, so that every later import is cached: a node joins within half a second.
enableCompileCache();
const { runAgentProcess } = await import('./agentProcess.ts');
await runAgentProcess(process.argv.slice(2), process.env);
