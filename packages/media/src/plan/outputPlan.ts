import type { FilmManifest, Manifest } from '../manifest.ts';
import type { StillManifest } from '../still/stillManifest.ts';

/** The plan of a rendition of any kind. */
export type OutputPlan = Manifest | StillManifest;
/** Of one that shows something. */
export type PicturePlan = FilmManifest | StillManifest;

/** Whether a rendition is pictures instead of a film or its sound. */
export const isStillPlan = (plan: OutputPlan): plan is StillManifest => 'kind' in plan;
