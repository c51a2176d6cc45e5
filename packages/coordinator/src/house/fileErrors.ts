/** Code of an error of the file system; empty for anything else. */
export const codeOf = (thrown: unknown): string => String((thrown as { code?: unknown } | null)?.code ?? '');

/** Errors of `link` on file systems without hard links (FAT, some network shares). */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL']);

/** Whether `link` failed because this file system has no hard links, or not here. */
export const lacksHardLinks = (thrown: unknown): boolean => noHardLinks.has(codeOf(thrown));
