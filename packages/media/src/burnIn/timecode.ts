/** How timecode counts. */
export interface TimecodeCount {
  /** Whole frames a second count for: 30 at 29.97. */
  readonly framesPerSecond: number;
  readonly dropFrame: boolean;
}

const digits = (value: number, length = 2): string => String(value).padStart(length, '0');

/**
 * Names of frames that drop-frame counting leaves out at the start of each minute but every tenth: 2 at 29.97, 4 at
 * 59.94 (SMPTE ST 12-1).
 */
const droppedNames = (framesPerSecond: number): number => framesPerSecond / 15;

/** The number of the frame that carries this timecode, counted from 00:00:00:00. */
export function frameOfTimecode(timecode: string, { framesPerSecond, dropFrame }: TimecodeCount): number {
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] = timecode.split(/[:;.,]/).map(Number);
  const allMinutes = 60 * hours + minutes;
  const named = (60 * allMinutes + seconds) * framesPerSecond + frames;
  if (!dropFrame) return named;
  return Math.max(0, named - droppedNames(framesPerSecond) * (allMinutes - Math.floor(allMinutes / 10)));
}

/** `hh:mm:ss:ff`, `;` before the frames where names are dropped; hours begin again after 23. */
export function timecodeOfFrame(frame: number, { framesPerSecond, dropFrame }: TimecodeCount): string {
  const named = dropFrame ? withDroppedNames(frame, framesPerSecond) : frame;
  const seconds = Math.floor(named / framesPerSecond);
  const [hours, minutes] = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const clock = [hours, minutes, seconds % 60].map((part) => digits(part)).join(':');
  return `${clock}${dropFrame ? ';' : ':'}${digits(named % framesPerSecond)}`;
}

function withDroppedNames(frame: number, framesPerSecond: number): number {
  const dropped = droppedNames(framesPerSecond);
  const perMinute = 60 * framesPerSecond - dropped;
  const perTenMinutes = 10 * perMinute + dropped;
  const tens = Math.floor(frame / perTenMinutes);
  const rest = frame % perTenMinutes;
  const minutes = rest < dropped ? 0 : Math.floor((rest - dropped) / perMinute);
  return frame + dropped * (9 * tens + minutes);
}
