import { resolve } from 'node:path';
import { exitCodes, FarmError, type InspectAnswer, type InspectRequest, toFarmError } from '@reelmill/protocol';
import type { InspectOptions } from './commands/inspectCommand.ts';
import { requireInputs } from './commands/options.ts';
import { exitCodeOf } from './exitCode.ts';
import { callApi, findServer, type ServerAccess } from './farm/farmClient.ts';
import { interruption } from './farm/interruption.ts';
import { printError } from './output/printError.ts';
import { headerText, indexText, renditionText } from './output/reportText.ts';

type Show = (answer: InspectAnswer) => void;

/** `reelmill inspect`: the header's answer at once, the index's after it. Returns the exit code. */
export async function inspect(file: string | undefined, options: InspectOptions): Promise<number> {
  requireInputs(file === undefined ? [] : [file]);
  const stop = interruption();
  try {
    const access = await coordinatorOf(options);
    const request = requestOf(file as string, access, options);
    const show = options.json ? showLine : showText;
    if (access !== null) await askCoordinator(access, request, { show, signal: stop.signal });
    else await (await import('./farm/inspectHere.ts')).inspectHere(request, { show, signal: stop.signal });
    return exitCodes.done;
  } catch (thrown) {
    const error = stop.signal.aborted ? new FarmError('INTERRUPTED', { cause: thrown }) : toFarmError(thrown);
    if (options.json) process.stdout.write(`${JSON.stringify({ type: 'error', ...error.toData() })}\n`);
    printError(error);
    return exitCodeOf(error);
  } finally {
    stop.dispose();
  }
}

/** null: none was named and none runs here. A data folder may still name one that was killed. */
async function coordinatorOf(options: InspectOptions): Promise<ServerAccess | null> {
  const isNamed = (options.server ?? process.env.REELMILL_SERVER) !== undefined;
  try {
    const access = await findServer(options);
    if (!isNamed) await callApi(access, '/presets');
    return access;
  } catch (thrown) {
    if (!isNamed && thrown instanceof FarmError && thrown.code === 'SERVER_UNREACHABLE') return null;
    throw thrown;
  }
}

const isLoopback = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

function requestOf(file: string, access: ServerAccess | null, options: InspectOptions): InspectRequest {
  const isElsewhere = access !== null && !isLoopback(access.url);
  return {
    path: isElsewhere ? file : resolve(file),
    preset: options.preset,
    settings: options.set,
    chunkSeconds: options.chunkSeconds ?? null,
    threads: options.threads ?? null,
    depth: options.depth,
  };
}

async function askCoordinator(
  access: ServerAccess,
  request: InspectRequest,
  { show, signal }: { show: Show; signal: AbortSignal },
): Promise<void> {
  for (const depth of ['header', 'index'] as const) {
    const answer = await callApi<InspectAnswer>(access, '/inspect', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, depth }),
      signal,
    });
    show(answer);
    if (request.depth === 'header') return;
  }
}

const showLine: Show = (answer) => void process.stdout.write(`${JSON.stringify({ type: 'inspect', ...answer })}\n`);
const showText: Show = (answer) => {
  const { renditions = [answer], stage } = answer;
  const texts = renditions.map((one, at) => {
    if (stage === 'header') return at === 0 ? headerText(one) : renditionText(one);
    return renditions.length === 1 ? indexText(one) : `\n  ${one.preset}\n${indexText(one)}`;
  });
  process.stdout.write(texts.join(''));
};
