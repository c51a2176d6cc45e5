import { freemem, totalmem } from 'node:os';
import type { Telemetry } from '@reelmill/protocol';
import { type CpuTimes, readCpuTimes } from './cpuTimes.ts';

/** Bytes moved by this process since its start. */
export interface TransferCounters {
  bytesDownloaded: number;
  bytesUploaded: number;
}

export interface TelemetrySource {
  read(freeDiskBytes: number): Telemetry;
}

/** A sensor is asked rarely: systeminformation starts programs for it on some systems. */
const temperatureIntervalMs = 30_000;
/** The first seconds of an agent belong to its first tasks. */
const firstTemperatureMs = 5_000;
/** After so many answers of "none" this machine is not asked again. */
const temperatureAttempts = 2;

/** Cheap enough for every heartbeat: differences of counters. */
export function createTelemetry(counters: TransferCounters): TelemetrySource {
  let before = readCpuTimes();
  const temperature = createTemperature();
  return {
    read(freeDiskBytes) {
      const now = readCpuTimes();
      const cpuPercent = cpuPercentBetween(before, now);
      before = now;
      return {
        cpuPercent,
        memoryUsedBytes: totalmem() - freemem(),
        freeDiskBytes,
        temperatureCelsius: temperature(),
        bytesDownloaded: counters.bytesDownloaded,
        bytesUploaded: counters.bytesUploaded,
      };
    },
  };
}

/** Share of all processors between two readings, 0–100. */
export function cpuPercentBetween(before: CpuTimes, now: CpuTimes): number {
  const total = now.totalMs - before.totalMs;
  if (total <= 0) return 0;
  const percent = (100 * (now.busyMs - before.busyMs)) / total;
  return Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10;
}

/** The last known value; asking happens beside the heartbeat, never before it. */
function createTemperature(): () => number | null {
  let latest: number | null = null;
  let attemptsLeft = temperatureAttempts;
  let askedAtMs = performance.now() - temperatureIntervalMs + firstTemperatureMs;
  return () => {
    if (attemptsLeft > 0 && performance.now() - askedAtMs >= temperatureIntervalMs) {
      askedAtMs = performance.now();
      void readTemperature().then((value) => {
        latest = value;
        attemptsLeft = value === null ? attemptsLeft - 1 : temperatureAttempts;
      });
    }
    return latest;
  };
}

async function readTemperature(): Promise<number | null> {
  try {
    const { cpuTemperature } = await import('systeminformation');
    const { main } = await cpuTemperature();
    return Number.isFinite(main) && main > 0 ? main : null;
  } catch {
    // A machine without a readable sensor shows "—"; that is no fault of the node.
    return null;
  }
}
