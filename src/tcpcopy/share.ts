/** What of tcpcopy's options a worker goes by: its part of what all of them may take, and no means that cannot be shared. */
import type { Share } from '../wire/tables/share';
import { MEMORY_DEFAULT_MB } from './options/specs';
import type { TcpcopyOptions } from './options/options';

export function optionsOf(options: TcpcopyOptions, { index, count }: Share): TcpcopyOptions {
  const { engine, source } = options;
  const { memory_bytes = MEMORY_DEFAULT_MB * 2 ** 20 } = engine;
  return {
    ...options,
    engine: { ...engine, share: { index, count }, memory_bytes: Math.ceil(memory_bytes / count) },
    // The packages of npm know nothing of shares.
    source: source.kind === 'live' ? { ...source, io: 'ring' } : source,
  };
}
