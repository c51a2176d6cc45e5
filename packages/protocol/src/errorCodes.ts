import { z } from 'zod';

/** Whether the scheduler may try the same task again after this error. */
export type RetryRule = 'never' | 'same-node' | 'other-node';
/** `job`: this job failed. `infrastructure`: not the task's fault, never charged to its budget. `usage`: the caller's. */
export type Severity = 'usage' | 'job' | 'infrastructure' | 'bug';

export interface ErrorRow {
  readonly retry: RetryRule;
  readonly severity: Severity;
  /** General sentence; a thrower may replace it by one with particulars. */
  readonly cause: string;
  /** What the reader does about it. */
  readonly fix: string;
}

const row = (retry: RetryRule, severity: Severity, cause: string, fix: string): ErrorRow => ({
  retry,
  severity,
  cause,
  fix,
});

/** Every error the farm can name. docs/errors.md is generated from this table. */
export const errorTable = {
  // sources
  SOURCE_NOT_FOUND: row(
    'never',
    'job',
    'The file does not exist.',
    'Check the path; on a network drive, check that it is mounted.',
  ),
  SOURCE_UNREADABLE: row('never', 'job', 'The file cannot be read.', 'Give your user read access to the file.'),
  SOURCE_EMPTY: row(
    'never',
    'job',
    'The file holds zero bytes.',
    'Copy the file again from its origin; the copy was probably interrupted.',
  ),
  SOURCE_TRUNCATED: row(
    'never',
    'job',
    'The file ends before its own index says it should.',
    'Copy the file again from its origin; the copy was probably interrupted.',
  ),
  SOURCE_CHANGED: row(
    'never',
    'job',
    'The source file changed while it was being rendered.',
    'Wait until nothing writes to the file any more, then retry the job.',
  ),
  SOURCE_CORRUPT: row(
    'never',
    'job',
    'A downloaded copy of the source does not match the original.',
    'Retry the job; if it repeats, test the network and the disk of the node.',
  ),
  SEQUENCE_GAPS: row(
    'never',
    'job',
    'The image sequence lacks frames between its first and its last number.',
    'Render the missing frames, or choose what to do at gaps: --gaps hold repeats the frame before, skip closes them.',
  ),
  SEQUENCE_BROKEN: row(
    'never',
    'job',
    'A file of the image sequence is empty, damaged or of another format than the first.',
    'Render or copy that frame again.',
  ),
  UNSUPPORTED_MEDIA: row(
    'never',
    'job',
    'The file is not media in a supported container.',
    'Convert it to MP4, MOV, MKV, MPEG-TS or another container listed in docs/compatibility.md.',
  ),
  NO_MEDIA_FOUND: row(
    'never',
    'job',
    'The folder holds no media files.',
    'Choose a folder with video files, or the files themselves.',
  ),
  NO_VIDEO: row(
    'never',
    'job',
    'The file has no video track.',
    'Choose a file with video; audio-only sources need an audio preset.',
  ),
  NO_AUDIO: row('never', 'job', 'The file has no sound.', 'Choose a file with sound, or a preset with a picture.'),
  MEDIA_LIMIT_EXCEEDED: row(
    'never',
    'job',
    'The media exceeds the limits of the farm.',
    'Lower its size, stream count or length.',
  ),
  // usage
  USAGE: row('never', 'usage', 'The command line cannot be understood.', 'Run the command with --help.'),
  PRESET_UNKNOWN: row('never', 'usage', 'There is no preset of that name.', 'Run `reelmill presets` for the list.'),
  PRESET_INVALID: row(
    'never',
    'usage',
    'The preset or one of its settings is not valid.',
    'Correct the setting named in the message.',
  ),
  PRESET_UNSUITABLE: row(
    'never',
    'job',
    'The preset cannot take this source.',
    'Choose another preset; the message says what this one cannot take.',
  ),
  QUEUE_UNKNOWN: row(
    'never',
    'usage',
    'There is no queue of that name.',
    'Name one that `reelmill serve --queue` or queues.json defines.',
  ),
  WATCH_FOLDER_MISSING: row(
    'never',
    'job',
    'The watched folder is not there.',
    'Connect its drive or make the folder: watching goes on by itself.',
  ),
  WATCH_FOLDER_UNREADABLE: row(
    'never',
    'job',
    'The watched folder may not be read.',
    'Give the account of the coordinator leave to read it: watching goes on by itself.',
  ),
  WATCH_FOLDER_TOO_LARGE: row(
    'never',
    'job',
    'The watched folder holds more files than are watched.',
    'Watch a smaller folder, or move finished files elsewhere: watching goes on by itself.',
  ),
  NO_INPUT: row('never', 'usage', 'No input was given.', 'Name at least one file or folder.'),
  REQUEST_INVALID: row(
    'never',
    'usage',
    'The request does not fit its schema.',
    'Correct the field named in the message.',
  ),
  NOT_FOUND: row('never', 'usage', 'There is nothing under that name.', 'Check the id; `reelmill ls` lists the jobs.'),
  JOB_BEGUN: row(
    'never',
    'usage',
    'Chunks of the job were given out already: its preset and its names are settled.',
    'Duplicate the job with the other preset, or cancel it first.',
  ),
  NAME_INVALID: row(
    'never',
    'usage',
    'That is no name for an output.',
    'Use letters, digits and the tokens {source} {preset} {date} {time} {counter} {folder}; the extension is added.',
  ),
  URL_UNSUPPORTED: row(
    'never',
    'usage',
    'Files cannot be fetched from an address yet.',
    'Download the file first, then add it by its path.',
  ),
  JOB_STATE: row(
    'never',
    'usage',
    'The job is not in a state that allows this.',
    'Look at the state of the job with `reelmill ls`.',
  ),
  JOURNAL_DAMAGED: row(
    'never',
    'usage',
    'The journal of the farm was damaged; it goes on after its last good event.',
    'Test the disk. Look at the list of jobs: the newest may be missing, submit them again. Keep the file that was set aside until nothing is missed.',
  ),
  DATA_DIR_BUSY: row(
    'never',
    'usage',
    'Another coordinator uses this data folder.',
    'Use the one that runs, or choose another folder with --data.',
  ),
  // output
  OUTPUT_UNWRITABLE: row(
    'never',
    'job',
    'The output folder cannot be written.',
    'Give your user write access to the folder, or choose another one.',
  ),
  DISK_FULL: row('never', 'job', 'The disk is full.', 'Free space, then retry the job: finished chunks are kept.'),
  INSUFFICIENT_SPACE: row(
    'never',
    'job',
    'There is not enough free space for this job.',
    'Free space or choose another output folder, then retry the job.',
  ),
  DISK_LOW: row(
    'never',
    'usage',
    'The disk of the coordinator is almost full: it takes nothing new.',
    'Free space on it: the farm goes on by itself above its high mark; send the request again after the time of the Retry-After header.',
  ),
  STORE_EMBEDDED: row(
    'never',
    'usage',
    'The embedded store has no rules of its own: the coordinator removes what jobs leave there.',
    'Set how long it keeps it with `reelmill serve --keep-scratch`; for a bucket set REELMILL_S3_ENDPOINT and its keys first.',
  ),
  // media work
  ENCODE_FAILED: row(
    'other-node',
    'job',
    'FFmpeg ended with an error.',
    'Read the log excerpt in the details; retry the job once the cause is gone.',
  ),
  DECODE_FAILED: row(
    'other-node',
    'job',
    'The source could not be decoded.',
    'Play the source; if it stops at the same place, copy it again from its origin.',
  ),
  FRAME_COUNT: row(
    'other-node',
    'job',
    'A result does not hold the planned number of frames.',
    'Retry the job; if it repeats, report the source kind.',
  ),
  TIMESTAMPS_WRONG: row(
    'other-node',
    'job',
    'Timestamps of a result differ from the plan.',
    'Retry the job; if it repeats, report the source kind.',
  ),
  OVERLAP_MISMATCH: row(
    'other-node',
    'job',
    'Two neighbouring chunks disagree about the frames at their seam.',
    'Retry the job; if it repeats, render with --chunk-seconds larger than the film.',
  ),
  AV_OFFSET: row(
    'never',
    'job',
    'Audio and video of the output would not start together as in the source.',
    'Report the source kind; nothing was published.',
  ),
  AUTO_SCALER: row(
    'never',
    'job',
    'FFmpeg inserted a pixel conversion that the preset did not ask for.',
    'Report the preset and the source kind.',
  ),
  CHUNKS_INCOMPATIBLE: row(
    'never',
    'job',
    'Chunks were made by encoders that do not fit together.',
    'Retry the job; use one FFmpeg build on all nodes.',
  ),
  NO_PROGRESS: row(
    'other-node',
    'job',
    'The encoder made no progress for too long.',
    'Retry the job; check the load of the node.',
  ),
  MEMORY_EXCEEDED: row(
    'other-node',
    'job',
    'The encoder took much more memory than such a task needs, and was ended.',
    'Retry the job; if it happens again, render with fewer threads or a smaller preset, and report the source.',
  ),
  FFMPEG_TIMEOUT: row(
    'other-node',
    'job',
    'FFmpeg took longer than its limit.',
    'Check the load of the node; where the work really takes so long, raise FFMPEG_TIMEOUT (seconds) or --ffmpeg-timeout of its agent.',
  ),
  VERIFY_FAILED: row(
    'never',
    'job',
    'The finished file failed its checks and was not published.',
    'Retry the job; nothing was written to the output folder.',
  ),
  OUTPUT_CHANGED: row(
    'never',
    'job',
    'A published file was moved or changed.',
    'Put it back and try again, or remove the job and render it again.',
  ),
  PROOF_MISSING: row(
    'never',
    'usage',
    'There is no certificate next to the output.',
    "Put the .proof.json that was written with the output back beside it, under the output's name.",
  ),
  PROOF_INVALID: row(
    'never',
    'usage',
    'The certificate is damaged, or not as it was signed.',
    'Get the certificate again from where the output was rendered.',
  ),
  PROOF_MISMATCH: row(
    'never',
    'usage',
    'The file is not the one that the certificate is about.',
    'Copy the file again from where it was rendered, or render it again.',
  ),
  FFMPEG_MISSING: row(
    'other-node',
    'infrastructure',
    'No FFmpeg was found.',
    'Install FFmpeg (Debian: apt-get install ffmpeg) or set REELMILL_FFMPEG and REELMILL_FFPROBE.',
  ),
  ENCODER_MISSING: row(
    'other-node',
    'job',
    'This FFmpeg lacks an encoder that the preset needs.',
    'Install a full FFmpeg build on the nodes.',
  ),
  HARDWARE_UNPROVEN: row(
    'never',
    'job',
    'No connected node proved a hardware encoder that the preset can use.',
    'Install the driver that the message misses on a node and start its agent again, or render with --set encoder=software.',
  ),
  FILTER_MISSING: row(
    'other-node',
    'job',
    'This FFmpeg lacks a filter that the preset needs.',
    'Install a full FFmpeg build on the nodes: tone mapping needs zscale (libzimg), burned-in timecode drawtext (libfreetype), burned-in subtitles libass.',
  ),
  FONT_MISSING: row(
    'other-node',
    'job',
    'No font has all characters of the text that is burned in.',
    'Attach a font that has them to the Matroska source, or put one into resources/fonts on every node.',
  ),
  // farm
  NODE_TOO_SMALL: row(
    'never',
    'job',
    'No node has the memory that a task needs.',
    'Render with fewer agents (--agents 1), fewer threads or a smaller preset, or submit to a farm with a larger node.',
  ),
  LEASE_LOST: row(
    'other-node',
    'infrastructure',
    'The node stopped answering while it held the task.',
    'Nothing to do: the task moves to another node.',
  ),
  NODE_REFUSED: row(
    'other-node',
    'infrastructure',
    'The node could not take the task.',
    'Nothing to do: the task moves to another node.',
  ),
  NODE_STATE: row(
    'never',
    'usage',
    'The node is not in a state that allows this.',
    'Look at `reelmill nodes`: it says what each node does, and why.',
  ),
  NODE_QUARANTINED: row(
    'other-node',
    'infrastructure',
    'Results of this node failed verification too often.',
    'Test its memory, disk and FFmpeg, then let it work again: `reelmill nodes release NAME`.',
  ),
  TOO_MANY_LOSSES: row(
    'never',
    'job',
    'The task was lost too many times with its nodes.',
    'Check the nodes (memory, power, network), then retry the job.',
  ),
  CANCELED: row('never', 'job', 'The job was canceled.', 'Submit it again when you need it.'),
  STORAGE_UNREACHABLE: row(
    'same-node',
    'infrastructure',
    'The object store does not answer.',
    'Check that the store runs and that this machine reaches it.',
  ),
  STORAGE_REFUSED: row(
    'same-node',
    'infrastructure',
    'The object store refused the request.',
    'Check the store settings, its clock and its access keys.',
  ),
  STORAGE_CORRUPT: row(
    'other-node',
    'infrastructure',
    'A stored object does not match its hash.',
    'Nothing to do: it is made again. If it repeats, test the disk of the store.',
  ),
  PROTOCOL_MISMATCH: row(
    'never',
    'infrastructure',
    'This agent speaks a protocol version that the coordinator does not.',
    'Install the same Reelmill version on both machines.',
  ),
  // access
  SERVER_UNREACHABLE: row(
    'never',
    'usage',
    'No coordinator answers at that address.',
    'Start one with `reelmill serve`, or name it with --server.',
  ),
  NO_COORDINATOR_FOUND: row(
    'never',
    'usage',
    'No coordinator was found on this network.',
    'Start one with `reelmill serve --lan`, or name it with --coordinator host:port.',
  ),
  NOT_AUTHORIZED: row(
    'never',
    'usage',
    'The credentials are missing or wrong.',
    'Pass --token-file with the token that `reelmill token` prints.',
  ),
  FORBIDDEN: row(
    'never',
    'usage',
    'These credentials do not open this door.',
    'Use the owner token for the interface and the API, the join token for agents.',
  ),
  ROGUE_COORDINATOR: row(
    'never',
    'usage',
    'The coordinator could not prove that it knows the join token.',
    'Check the address and the token; do not join it otherwise.',
  ),
  QUEUE_FULL: row(
    'never',
    'usage',
    'The coordinator has as much waiting as it takes.',
    'Send it again after the time of the Retry-After header; `reelmill submit` does so by itself.',
  ),
  INTERRUPTED: row('never', 'usage', 'Interrupted.', 'Run the same command again: finished chunks are kept.'),
  SETUP_MISSING: row(
    'never',
    'usage',
    'Something this command needs is not installed.',
    'Run the one command named in the message.',
  ),
  INTERNAL: row('other-node', 'bug', 'An unexpected error.', 'Please report it with the log.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];
export const ErrorCodeSchema = z.enum(errorCodes);

export const errorRow = (code: ErrorCode): ErrorRow => errorTable[code];
