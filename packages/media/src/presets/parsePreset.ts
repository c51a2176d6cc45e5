import { type AnyPreset, FarmError, Preset, presetSchemaVersion, StillPreset } from '@reelmill/protocol';
import { z } from 'zod';

const presetFile = z.looseObject({ schemaVersion: z.literal(presetSchemaVersion) });

/**
 * A preset from data. `where` names its origin in errors.
 * @throws FarmError PRESET_INVALID naming the first wrong field by its path, e.g. `video.rate.crf`
 */
export function parsePreset(data: unknown, where: string): AnyPreset {
  const isStill = typeof data === 'object' && data !== null && 'kind' in data;
  const parsed = isStill ? StillPreset.safeParse(data) : Preset.safeParse(data);
  if (parsed.success) return parsed.data;
  throw invalid(where, fieldProblem(parsed.error), parsed.error);
}

/**
 * Reads the text of a `.reelpreset` file: the preset as JSON with `schemaVersion`.
 * @throws FarmError PRESET_INVALID naming the first wrong field by its path
 */
export function parsePresetFile(text: string, where: string): AnyPreset {
  const data = parseJson(text, where);
  const version = presetFile.safeParse(data);
  if (!version.success) throw invalid(where, fieldProblem(version.error), version.error);
  const { schemaVersion: _, ...preset } = version.data;
  return parsePreset(preset, where);
}

/** The text of a `.reelpreset` file; `parsePresetFile` gives the same preset again. */
export function formatPresetFile(preset: AnyPreset): string {
  return `${JSON.stringify({ schemaVersion: presetSchemaVersion, ...preset }, null, 2)}\n`;
}

/** @throws FarmError PRESET_INVALID */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(where, { field: '', message: 'it is not JSON' }, cause);
  }
}

interface FieldProblem {
  /** Path of the field, e.g. `video.rate.crf`; empty: the whole file. */
  readonly field: string;
  readonly message: string;
}

function fieldProblem(error: z.ZodError): FieldProblem {
  const [issue] = error.issues;
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = [...(issue?.path ?? []), ...unknownKey].map(String).join('.');
  return { field, message: unknownKey.length > 0 ? 'there is no such field' : (issue?.message ?? 'it is not valid') };
}

function invalid(where: string, { field, message }: FieldProblem, cause: unknown): FarmError {
  return new FarmError('PRESET_INVALID', {
    message: `The preset ${where} is not valid: ${field === '' ? '' : `${field}: `}${message}.`,
    cause,
    details: { file: where, field },
  });
}
