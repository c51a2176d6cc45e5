import { z } from 'zod';
import { AudioSpec, EncodeSpec, JoinSpec, SharedEncodeSpec } from './manifest.ts';
import { ExtractSpec } from './still/stillManifest.ts';

/** What one farm task does: opaque to all but this package. */
export const FarmSpec = z.discriminatedUnion('kind', [EncodeSpec, SharedEncodeSpec, AudioSpec, JoinSpec, ExtractSpec]);
export type FarmSpec = z.infer<typeof FarmSpec>;
