const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  k: 1e3,
  m: 1e6,
  g: 1e9,
};

/** `25MB`, `1.5 GB`, `700MiB`, `500000` in bytes; null where it is no size. */
export function parseByteSize(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?) ?([kmgib]*)$/i.exec(text.trim());
  const unit = units[(found?.[2] ?? '?').toLowerCase()];
  return found === null || unit === undefined ? null : Math.round(Number(found[1]) * unit);
}
