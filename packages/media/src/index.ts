export * from './manifest.ts';
export * from './process/defaultLauncher.ts';
export * from './process/ffmpegProgress.ts';
export * from './process/runFfmpeg.ts';
export * from './process/runProcess.ts';
export * from './process/tools.ts';
