import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';

/**
 * An FFmpeg whose `h264_nvenc` works on a machine without an NVIDIA card: it hands everything to the real FFmpeg, but
 * translates that encoder and its options to libx264. Only for tests of what surrounds a device: what the device itself
 * does cannot be had here. @returns the path of the program
 */
export async function makeNvencStandIn(folder: string): Promise<string> {
  const { ffmpegPath } = await resolveFfmpeg();
  const path = join(folder, 'ffmpeg');
  await mkdir(folder, { recursive: true });
  await writeFile(path, script.replace('REAL', ffmpegPath));
  await chmod(path, 0o755);
  return path;
}

const script = `#!/bin/bash
real='REAL'
case " $* " in *' h264_nvenc '*) ;; *) exec "$real" "$@" ;; esac
arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    h264_nvenc) arguments+=(libx264) ;;
    p[1-7]) arguments+=(ultrafast) ;;
    -tune | -rc) shift ;;
    -cq) arguments+=(-crf "$2"); shift ;;
    -b:v) [ "$2" = 0 ] || arguments+=(-b:v "$2"); shift ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
exec "$real" "\${arguments[@]}"
`;
