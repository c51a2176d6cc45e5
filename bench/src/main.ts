import { agentsBench } from './agents.ts';
import { borrow } from './borrow.ts';
import { depth } from './depth.ts';
import { dispatch } from './dispatch.ts';
import { flood } from './flood.ts';
import { inspect } from './inspect.ts';
import { ladder } from './ladder.ts';
import { longFilm } from './longFilm.ts';
import { oneHost } from './oneHost.ts';
import { quality } from './quality.ts';
import { queue } from './queue.ts';
import { scale } from './scale.ts';
import { small } from './small.ts';

const benches: Record<string, () => Promise<void>> = {
  'one-host': oneHost,
  small,
  scale,
  inspect,
  ladder,
  quality,
  dispatch,
  flood,
  agents: agentsBench,
  borrow,
  depth,
  queue,
  'long-film': longFilm,
};
const name = process.argv[2] ?? '';
const bench = benches[name];
if (bench === undefined) {
  console.error(
    `Usage: npm run bench -- ${Object.keys(benches).join(' | ')} [--rounds N] [--seconds N] [--minutes N] [--speed S]`,
  );
  process.exit(2);
}
await bench();
