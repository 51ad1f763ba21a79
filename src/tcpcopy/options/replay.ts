/** The options that play captures instead of live traffic. */
import { STANDARD_INPUT } from '../../capture/file/byte-source';
import { isPattern } from '../../capture/file/glob';
import type { OptionReader } from '../../process/option-reader';
import type { OptionSpec } from '../../process/options';

export interface ReplaySource {
  readonly kind: 'replay';
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

/** @returns undefined when `-i` names no files and is no standard input: then it lists devices */
export function readReplay(reader: OptionReader, local: LocalFiles): ReplaySource | undefined {
  const source = reader.text('device');
  const files = source === undefined ? undefined : readFiles(reader, source, local);
  const times = reader.whole('times', 1, TIMES_MAX) ?? 1;
  const replay = {
    speed: reader.parsed('accelerate', `a factor from ${SPEED_MIN} to ${SPEED_MAX}`, asSpeed) ?? 1,
    silenceMax_ms: reader.whole('silence', 1, SILENCE_MAX_MS) ?? Infinity,
    times,
  };
  if (!files) return undefined;
  if (files.includes(STANDARD_INPUT)) {
    if (times > 1) reader.refuse('times', 'needs a file: standard input can be read once only');
    if (reader.has('daemon')) reader.refuse('daemon', 'leaves standard input behind, which -i - reads');
  }
  return { kind: 'replay', files, ...replay };
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
