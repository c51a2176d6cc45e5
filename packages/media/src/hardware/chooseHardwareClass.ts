import { FarmError, type HardwareProof, type Toolchain } from '@reelmill/protocol';
import { type HardwareVideo, hardwareClass, hardwareFormOf } from './hardwareClass.ts';
import { hardwareEncoderNamed, hardwarePreference } from './hardwareEncoders.ts';

/** A node that may take part. */
export interface HardwareCandidate {
  readonly name: string;
  readonly slots: number;
  readonly toolchain: Toolchain;
  /** null: it has not told what it proved. */
  readonly proofs: readonly HardwareProof[] | null;
}

interface Offer {
  readonly toolchainClass: string;
  readonly encoder: string;
  readonly isOwn: boolean;
  slots: number;
}

/** A refusal of a large farm names so many nodes; all are in its details. */
const namedNodes = 6;

/**
 * The class of a hardware rendition: of those that some node proved for these settings, the one with the most slots;
 * of equals that of our own FFmpeg, then the preferred encoder.
 * @param ownClass software class of the FFmpeg beside the planner
 * @throws FarmError HARDWARE_UNPROVEN with each node's reason
 */
export function chooseHardwareClass(
  video: HardwareVideo,
  candidates: readonly HardwareCandidate[],
  ownClass: string,
): string {
  const offers = new Map<string, Offer>();
  for (const candidate of candidates) {
    for (const encoder of provenFor(video, candidate)) {
      const { classId } = candidate.toolchain;
      const toolchainClass = hardwareClass(classId, { encoder, form: hardwareFormOf(video) });
      const offer = offers.get(toolchainClass) ?? { toolchainClass, encoder, isOwn: classId === ownClass, slots: 0 };
      offer.slots += candidate.slots;
      offers.set(toolchainClass, offer);
    }
  }
  const [best] = [...offers.values()].sort(
    (left, right) =>
      right.slots - left.slots ||
      Number(right.isOwn) - Number(left.isOwn) ||
      hardwarePreference(left.encoder) - hardwarePreference(right.encoder),
  );
  if (best === undefined) throw unproven(video, candidates);
  return best.toolchainClass;
}

const ofCodec = (video: HardwareVideo, { proofs }: HardwareCandidate): HardwareProof[] =>
  (proofs ?? []).filter(({ encoder }) => hardwareEncoderNamed(encoder)?.codec === video.codec);

const provenFor = (video: HardwareVideo, candidate: HardwareCandidate): string[] =>
  ofCodec(video, candidate)
    .filter(({ forms }) => forms.some(({ form, whyNot }) => form === hardwareFormOf(video) && whyNot === null))
    .map(({ encoder }) => encoder);

function unproven(video: HardwareVideo, candidates: readonly HardwareCandidate[]): FarmError {
  const nodes = candidates.map((candidate) => ({ node: candidate.name, why: whyNone(video, candidate) }));
  const named = nodes.slice(0, namedNodes).map(({ node, why }) => `${node}: ${why}`);
  const others = nodes.length > namedNodes ? ` ${nodes.length - namedNodes} further nodes neither.` : '';
  const said = nodes.length === 0 ? 'No node is connected.' : `${named.join(' ')}${others}`;
  return new FarmError('HARDWARE_UNPROVEN', {
    message: `No connected node proved a hardware encoder for ${video.codec} (${formText(video)}). ${said}`,
    details: { codec: video.codec, form: hardwareFormOf(video), nodes },
  });
}

const formText = (video: HardwareVideo): string => hardwareFormOf(video).replaceAll('-', ' ');

function whyNone(video: HardwareVideo, candidate: HardwareCandidate): string {
  if (candidate.proofs === null) return 'it did not answer.';
  const tried = ofCodec(video, candidate);
  if (tried.length === 0) return `its FFmpeg has no hardware encoder for ${video.codec}.`;
  return `${tried.map((proof) => `${proof.encoder}: ${whyNotProven(proof, video)}`).join('; ')}.`;
}

function whyNotProven({ proven, reason, forms }: HardwareProof, video: HardwareVideo): string {
  const missing = proven
    ? (forms.find(({ form }) => form === hardwareFormOf(video))?.whyNot ?? 'no such form')
    : reason;
  return missing.replace(/\.$/, '');
}
