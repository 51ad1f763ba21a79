/** Where what is copied comes from: live traffic of this machine, or captures. */
import type { Backend } from '../../kernel/backend';
import type { OptionReader } from '../../process/option-reader';
import { readLive, type LiveSource } from './live';
import { readReplay, REPLAY_SPECS, type LocalFiles, type ReplaySource } from './replay';

export type Source = LiveSource | ReplaySource;

const LIVE_ONLY = [
  'mirror',
  'filter',
  'buffer',
  'snap-length',
  'io',
  'nice',
  'coalesce',
  'overload',
  'responses',
];

export function readSource(reader: OptionReader, local: LocalFiles): Source {
  const replay = readReplay(reader, local);
  const [others, why] = replay
    ? [LIVE_ONLY, 'is for live traffic, and -i names a capture file']
    : [REPLAY_SPECS.map(({ long }) => long), 'is for capture files: name one with -i'];
  if (replay && reader.has('compare'))
    reader.refuse(
      'compare',
      'is for live traffic, and -i names a capture file: capture what the test server answers, and call tcpcopy compare',
    );
  for (const long of others) if (reader.has(long)) reader.refuse(long, why);
  return replay ?? readLive(reader);
}

/** How packets are sent, and captured if they are. */
export const backendOf = (source: Source): Backend => (source.kind === 'live' ? source.io : 'auto');
