/** What the bucket does by itself with what jobs leave there. */
export interface ScratchRule {
  /** Objects below `videos/` go so many days after they were written. */
  readonly days: number;
  /** Uploads in parts that were begun and not ended go after so many. */
  readonly abortUploadsAfterDays: number;
}

export interface BucketLifecycle {
  /** Null: the bucket has no rule of ours. */
  readonly own: ScratchRule | null;
  /** Rules that others wrote: never touched. */
  readonly foreignRules: number;
}

const ruleId = 'reelmill-scratch';
/** All that jobs leave; finished files in the bucket lie below `encoded/`. */
const scratchPrefix = 'videos/';

const rulePattern = /<Rule>[\s\S]*?<\/Rule>/g;
const rulesOf = (xml: string): string[] => xml.match(rulePattern) ?? [];
const textOf = (xml: string, tag: string): string | null =>
  new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(xml)?.[1] ?? null;
const isOwn = (rule: string): boolean => textOf(rule, 'ID') === ruleId;

/** What a bucket's lifecycle document says; an empty text is a bucket without one. */
export function readRules(xml: string): BucketLifecycle {
  const rules = rulesOf(xml);
  const own = rules.find(isOwn);
  const foreignRules = rules.filter((rule) => !isOwn(rule)).length;
  if (own === undefined) return { own: null, foreignRules };
  const abortUploadsAfterDays = Number(textOf(own, 'DaysAfterInitiation') ?? 0);
  return { own: { days: Number(textOf(own, 'Days') ?? 0), abortUploadsAfterDays }, foreignRules };
}

/** The document with our rule, or without; rules of others as they stand, to the letter. Null: no rule is left. */
export function mergeRules(xml: string, own: ScratchRule | null): string | null {
  const foreign = rulesOf(xml).filter((rule) => !isOwn(rule));
  const rules = own === null ? foreign : [...foreign, ruleText(own)];
  if (rules.length === 0) return null;
  return `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules.join('')}</LifecycleConfiguration>`;
}

const ruleText = ({ days, abortUploadsAfterDays }: ScratchRule): string =>
  [
    `<Rule><ID>${ruleId}</ID><Filter><Prefix>${scratchPrefix}</Prefix></Filter><Status>Enabled</Status>`,
    `<Expiration><Days>${days}</Days></Expiration>`,
    `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${abortUploadsAfterDays}</DaysAfterInitiation>`,
    '</AbortIncompleteMultipartUpload></Rule>',
  ].join('');
