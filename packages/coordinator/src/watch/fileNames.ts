import { seamProofSuffix } from '@reelmill/protocol';

/** Names that browsers, copy programs and editors give to what is not whole yet. */
const unfinished = /(~|\.(part|partial|tmp|temp|crdownload|download|filepart|opdownload|aria2|!ut|bc!|swp|lock))$/i;
/** Files that claim to be films: one that does not open is told to people, instead of being passed over. */
const filmName = /\.(mp4|m4v|mov|mkv|webm|avi|m2ts|mts|mpg|mpeg|vob|flv|mxf|3gp|ogv|wmv)$/i;

/** Where sources go that are moved; never looked into. */
export const doneFolder = 'done';

/** Hidden, temporary, or a certificate of ours. */
export const isIgnoredName = (name: string): boolean =>
  name.startsWith('.') || name.startsWith('~') || unfinished.test(name) || name.endsWith(seamProofSuffix);

export const isFilmName = (name: string): boolean => filmName.test(name);
