import { type QueueRule, QueueRule as QueueRuleSchema } from '@reelmill/protocol';
import { InvalidArgumentError } from 'commander';

const form = 'Expected NAME or NAME:reserved=N,cap=N,priority=P.';

/** `--queue review:reserved=1,cap=2,priority=high`, repeatable. */
export function collectQueue(value: string, previous: readonly QueueRule[]): readonly QueueRule[] {
  const separator = value.indexOf(':');
  const name = separator < 0 ? value : value.slice(0, separator);
  const settings = separator < 0 ? [] : value.slice(separator + 1).split(',');
  if (previous.some((rule) => rule.name === name)) throw new InvalidArgumentError(`The queue ${name} is named twice.`);
  const parsed = QueueRuleSchema.safeParse({ name, ...Object.fromEntries(settings.map(settingOf)) });
  if (parsed.success) return [...previous, parsed.data];
  const [issue] = parsed.error.issues;
  throw new InvalidArgumentError(`${form} ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function settingOf(text: string): [string, string | number] {
  const [key = '', value = '', ...rest] = text.split('=');
  if (value === '' || rest.length > 0) throw new InvalidArgumentError(form);
  return [key, key === 'priority' ? value : Number(value)];
}
