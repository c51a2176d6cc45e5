export * from './assemble/assembleRendition.ts';
export * from './audio/audioTrack.ts';
export * from './audio/encodeAudio.ts';
export * from './audio/resolveAudio.ts';
export * from './audio/soundTracks.ts';
export * from './encode/checkSeams.ts';
export * from './encode/encodeArgs.ts';
export * from './encode/encodeChunk.ts';
export * from './farmSpec.ts';
export * from './hardware/chooseHardwareClass.ts';
export { askedHardware, classesLike, hardwareClassesOf, readToolchainClass } from './hardware/hardwareClass.ts';
export * from './hardware/proveHardwareEncoders.ts';
export * from './identity/drawBarcodeClip.ts';
export * from './identity/frameHashes.ts';
export * from './identity/readBarcodes.ts';
export * from './manifest.ts';
export * from './package/makePackage.ts';
export * from './package/packageable.ts';
export { estimateMemoryBytes, type SourcePicture } from './plan/estimateMemory.ts';
export * from './plan/inspectRenditions.ts';
export * from './plan/inspectSource.ts';
export * from './plan/judgeToolchain.ts';
export * from './plan/manifestTasks.ts';
export * from './plan/outputPlan.ts';
export * from './plan/planLadder.ts';
export * from './plan/planOutput.ts';
export * from './plan/planRendition.ts';
export * from './plan/planSource.ts';
export { readsSource } from './plan/sidePlan.ts';
export * from './plan/sourceReport.ts';
export { softwareEncoders } from './plan/video/softwareEncoders.ts';
export * from './presets/applySettings.ts';
export * from './presets/loadPresets.ts';
export * from './presets/outputName.ts';
export * from './presets/parsePreset.ts';
export * from './presets/userPresets.ts';
export * from './probe/checkSource.ts';
export * from './probe/indexSource.ts';
export * from './probe/mediaInfo.ts';
export { warmProbe } from './probe/parseProbe.ts';
export * from './probe/probeSource.ts';
export * from './probe/readSource.ts';
export * from './probe/sniffDemuxer.ts';
export * from './probe/sourceIndex.ts';
export * from './process/defaultLauncher.ts';
export * from './process/ffmpegProgress.ts';
export { type ResolveOptions, resolveFfmpeg } from './process/resolveFfmpeg.ts';
export { resourcesFolder } from './process/resourcesFolder.ts';
export * from './process/runFfmpeg.ts';
export * from './process/runProcess.ts';
export { BoundedLog } from './process/textLines.ts';
export * from './process/tools.ts';
export * from './process/turns.ts';
export * from './runFarmSpec.ts';
export {
  type FoundSequence,
  findSequences,
  frameName,
  gapsText,
  isNumberedImage,
  sequenceName,
} from './sequence/findSequences.ts';
export * from './sequence/wrapSequence.ts';
export { type FinishedStills, finishStills } from './still/finishStills.ts';
export * from './still/planStills.ts';
export * from './still/stillManifest.ts';
export {
  imageName,
  imagesOf,
  isFolder,
  partExtension,
  type StillTask,
  stillFrames,
  stillTasks,
} from './still/stillTasks.ts';
export * from './verify/comparePictures.ts';
export * from './verify/compareSound.ts';
export * from './verify/compareStills.ts';
export type { SoundMinute } from './verify/soundMeter.ts';
export * from './verify/verifyRendition.ts';
