import { bucketRules } from '@reelmill/coordinator';
import { FarmError } from '@reelmill/protocol';
import { storageSettingsFromEnvironment } from '../farm/storageSettings.ts';

interface LifecycleOptions {
  readonly days: number;
  readonly show?: boolean;
  readonly remove?: boolean;
  readonly json?: boolean;
}

/** An upload in parts ends within hours, or never. */
const abortUploadsAfterDays = 2;

/** `reelmill store lifecycle`: writes, shows or removes our rule in the bucket, and says what the bucket says then. */
export async function storeLifecycle({ days, show, remove, json }: LifecycleOptions): Promise<void> {
  if (show && remove) throw new FarmError('USAGE', { message: 'Either --show or --remove.' });
  const rules = bucketRules(storageSettingsFromEnvironment(process.env));
  const state = show ? await rules.read() : await rules.write(remove ? null : { days, abortUploadsAfterDays });
  const { own, foreignRules } = state;
  if (json) return void process.stdout.write(`${JSON.stringify({ type: 'lifecycle', ...state })}\n`);
  const text =
    own === null
      ? 'The bucket has no rule of Reelmill.'
      : `The bucket removes what jobs left below videos/ after ${own.days} days.`;
  const others = foreignRules === 0 ? '' : ` ${foreignRules} other rules are as they were.`;
  process.stdout.write(`${text}${others}\n`);
}
