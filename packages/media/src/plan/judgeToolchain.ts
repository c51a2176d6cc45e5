import type { SourceReport, Toolchain } from '@reelmill/protocol';

/**
 * Why an FFmpeg build cannot take part in a plan, a sentence; null: it can.
 * @param plannedVersion FFmpeg version of the class the plan is made for, where it is known
 */
export function whyNotOn(
  toolchain: Toolchain,
  requires: SourceReport['requires'],
  plannedVersion?: string | undefined,
): string | null {
  if (toolchain.classId !== requires.toolchainClass) {
    const version = plannedVersion === undefined ? '' : `FFmpeg ${plannedVersion}, `;
    return (
      `It runs another FFmpeg (${toolchain.ffmpegVersion}, build ${toolchain.classId}): all chunks must come from ` +
      `${version}build ${requires.toolchainClass}, because those of two builds do not fit together.`
    );
  }
  const missing = requires.encoders.filter((encoder) => !toolchain.encoders.includes(encoder));
  return missing.length === 0 ? null : `Its FFmpeg lacks the encoder ${missing.join(' and ')}.`;
}
