/** The options that play a capture file instead of live traffic. */
import type { OptionReader } from '../process/option-reader';
import type { OptionSpec } from '../process/options';

export interface ReplayOptions {
  readonly file: string;
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
    group: 'A capture file instead of live traffic (-i)',
    help: 'play it so many times as fast as it was captured (default 1)',
  },
  {
    short: 'I',
    long: 'silence',
    value: 'ms',
    group: 'A capture file instead of live traffic (-i)',
    help: 'shorten longer silences to that (default: as captured)',
  },
  {
    short: 'T',
    long: 'times',
    value: 'number',
    group: 'A capture file instead of live traffic (-i)',
    help: 'play it so often, each time with new connections (default 1)',
  },
];

/**
 * What `-i` names: a file when there is one of that name, or when it can be no device's.
 *
 * @param exists whether there is such a file
 */
export function readReplay(
  reader: OptionReader,
  exists: (path: string) => boolean,
): ReplayOptions | undefined {
  const source = reader.text('device');
  const speed = reader.parsed('accelerate', `a factor from ${SPEED_MIN} to ${SPEED_MAX}`, asSpeed) ?? 1;
  const silenceMax_ms = reader.whole('silence', 1, SILENCE_MAX_MS) ?? Infinity;
  const times = reader.whole('times', 1, TIMES_MAX) ?? 1;
  const found = source !== undefined && exists(source);
  if (source !== undefined && (found || /\/|\.pcap(ng)?$/.test(source))) {
    if (!found) reader.refuse('device', `names ${source}, and there is no such file`);
    for (const long of ['filter', 'buffer', 'snap-length', 'io', 'nice']) {
      if (reader.has(long)) reader.refuse(long, `is for live traffic, and -i names a capture file`);
    }
    return { file: source, speed, silenceMax_ms, times };
  }
  for (const { long } of REPLAY_SPECS) {
    if (reader.has(long)) reader.refuse(long, 'is for capture files: name one with -i');
  }
  return undefined;
}

function asSpeed(text: string): number | undefined {
  const speed = /^\d{1,5}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  return speed >= SPEED_MIN && speed <= SPEED_MAX ? speed : undefined;
}
