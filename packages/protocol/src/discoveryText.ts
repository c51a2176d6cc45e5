import { z } from 'zod';
import { NodeId } from './ids.ts';

/** TXT records of decision 11: who is there and which protocol it speaks, no secret. TXT values are texts. */
const versionText = z.coerce.number().int();

/** TXT of `_reelmill-agent._tcp`. */
export const AgentText = z.object({
  id: NodeId,
  name: z.string().min(1).max(120),
  min: versionText,
  max: versionText,
});
export type AgentText = z.infer<typeof AgentText>;

/** TXT of `_reelmill._tcp`; `id` is the coordinator id. */
export const CoordinatorText = z.object({
  id: z.string().min(1).max(120),
  name: z.string().min(1).max(120),
  min: versionText,
  max: versionText,
});
export type CoordinatorText = z.infer<typeof CoordinatorText>;
