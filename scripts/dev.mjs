// `npm run dev`: coordinator and agent restart when their sources change, the interface reloads in place.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';

const folder = join(process.env.REELMILL_DEV_DATA ?? join('node_modules', '.cache', 'reelmill-dev'));
const port = process.env.REELMILL_DEV_PORT ?? '7421';
mkdirSync(folder, { recursive: true });

const children = [];
function watch(name, args, onLine = () => {}) {
  const child = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', '--disable-warning=ExperimentalWarning', ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(`[${name}] ${line}`);
    onLine(line);
  });
  children.push(child);
}

let serving = false;
/** The interface with hot reload; everything else goes to the coordinator, as if it had served the page itself. */
async function serveInterface(url) {
  if (serving) return;
  serving = true;
  const target = `http://127.0.0.1:${port}`;
  const passOn = { target, changeOrigin: true, headers: { origin: target } };
  const server = await createServer({
    configFile: false,
    root: join('apps', 'desktop', 'src', 'renderer'),
    plugins: [react()],
    server: { port: Number(port) + 1, proxy: { '/api': passOn, '/socket.io': { ...passOn, ws: true } } },
  });
  await server.listen();
  console.log(`[interface] http://localhost:${server.config.server.port}/${new URL(url).hash}`);
}

watch(
  'coordinator',
  [join('apps', 'cli', 'src', 'main.ts'), 'serve', '--json', '--port', port, '--data', folder],
  (line) => {
    if (!line.startsWith('{"type":"ready"')) return;
    void serveInterface(JSON.parse(line).url);
    if (children.length === 1) {
      watch('agent', [
        join('apps', 'node-agent', 'src', 'main.ts'),
        ...['--local-data-dir', folder, '--data', join(folder, 'agent'), '--no-mdns'],
      ]);
    }
  },
);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill('SIGTERM');
    process.exit(0);
  });
}
