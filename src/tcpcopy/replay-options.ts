/** The options that play captures instead of live traffic. */
import { STANDARD_INPUT } from '../capture/file/byte-source';
import { isPattern } from '../capture/file/glob';
import type { OptionReader } from '../process/option-reader';
import type { OptionSpec } from '../process/options';

export interface ReplayOptions {
  /** Paths of capture files, or one `-`: standard input. */
  readonly files: readonly string[];
  /** 2 is twice as fast as captured. */
  readonly speed: number;
  /** Longer silences of the capture become that long. */
  readonly silenceMax_ms: number;
  readonly times: number;
}

const SPEED_MIN = 0.01;
const SPEED_MAX = 10_000;
const SILENCE_MAX_MS = 86_400_000;
const TIMES_MAX = 1_000_000;

export const REPLAY_SPECS: readonly OptionSpec[] = [
  {
    short: 'a',
    long: 'accelerate',
    value: 'factor',
    group: 'Captures instead of live traffic (-i)',
    help: 'play them so many times as fast as they were captured (default 1)',
  },
  {
    short: 'I',
    long: 'silence',
    value: 'ms',
    group: 'Captures instead of live traffic (-i)',
    help: 'shorten longer silences to that (default: as captured)',
  },
  {
    short: 'T',
    long: 'times',
    value: 'number',
    group: 'Captures instead of live traffic (-i)',
    help: 'play them so often, each time with new connections (default 1)',
  },
];

/** What of the file system a command line is read by. */
export interface LocalFiles {
  /** Whether there is such a file. */
  exists(path: string): boolean;
  /** Files that fit a pattern of the shell's. */
  matching(pattern: string): readonly string[];
}

/** What `-i` names, if it is no list of devices: files, or standard input. */
export function readReplay(reader: OptionReader, local: LocalFiles): ReplayOptions | undefined {
  const source = reader.text('device');
  const speed = reader.parsed('accelerate', `a factor from ${SPEED_MIN} to ${SPEED_MAX}`, asSpeed) ?? 1;
  const silenceMax_ms = reader.whole('silence', 1, SILENCE_MAX_MS) ?? Infinity;
  const times = reader.whole('times', 1, TIMES_MAX) ?? 1;
  const files = source === undefined ? undefined : readFiles(reader, source, local);
  if (files) {
    for (const long of ['filter', 'buffer', 'snap-length', 'io', 'nice', 'overload']) {
      if (reader.has(long)) reader.refuse(long, `is for live traffic, and -i names a capture file`);
    }
    if (files.includes(STANDARD_INPUT)) {
      if (times > 1) reader.refuse('times', 'needs a file: standard input can be read once only');
      if (reader.has('daemon')) reader.refuse('daemon', 'leaves standard input behind, which -i - reads');
    }
    return { files, speed, silenceMax_ms, times };
  }
  for (const { long } of REPLAY_SPECS) {
    if (reader.has(long)) reader.refuse(long, 'is for capture files: name one with -i');
  }
  return undefined;
}

/**
 * A part of `-i` is a file when there is one of that name, or when it can be no device's: with a `/` in it, ending as capture
 * files do, or a pattern. A file may also have commas in its name.
 */
function readFiles(reader: OptionReader, source: string, local: LocalFiles): string[] | undefined {
  const parts = source === STANDARD_INPUT || local.exists(source) ? [source] : source.split(',');
  const isFile = (part: string): boolean =>
    part === STANDARD_INPUT || local.exists(part) || isPattern(part) || FILE_FORM.test(part);
  const devices = parts.filter((part) => !isFile(part));
  if (devices.length === parts.length) return undefined;
  if (devices.length > 0)
    reader.refuse(
      'device',
      `names files, and ${devices.join(', ')}, of which there is none: one or the other`,
    );
  if (parts.length > 1 && parts.includes(STANDARD_INPUT))
    reader.refuse('device', 'names standard input, -, which is played alone');
  const files = parts.filter(isFile).flatMap((part) => filesOf(reader, part, local));
  return [...new Set(files)];
}

/** With a directory, or the ending of a capture, also of one that was rotated or compressed. */
const FILE_FORM = /\/|\.pcap(ng)?\d*(\.\w+)?$/;

function filesOf(reader: OptionReader, part: string, local: LocalFiles): readonly string[] {
  if (part === STANDARD_INPUT || local.exists(part)) return [part];
  if (!isPattern(part)) {
    reader.refuse('device', `names ${part}, and there is no such file`);
    return [];
  }
  const found = local.matching(part);
  if (found.length === 0) reader.refuse('device', `names ${part}, and no file fits that`);
  return found;
}

function asSpeed(text: string): number | undefined {
  const speed = /^\d{1,5}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  return speed >= SPEED_MIN && speed <= SPEED_MAX ? speed : undefined;
}
