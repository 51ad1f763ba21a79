/** The options that the engine is made with. */
import type { OptionReader } from '../../process/option-reader';
import type { EngineOptions, Transfer } from '../../session/contract';
import { formatAddress, isLinkLocal } from '../../wire/address/address';
import { parseHost } from '../../wire/flow';
import {
  COPIES_MAX,
  MEMORY_MAX_MB,
  MSS_MIN_BYTES,
  MTU_DEFAULT_BYTES,
  MTU_MIN_BYTES,
  TIMEOUT_MAX_S,
} from './specs';

/**
 * Options that were not given are left out: the engine knows its own defaults.
 *
 * @param smallestMtu_bytes of the devices that packets can leave by; undefined when it cannot be told
 */
export function readEngineOptions(
  reader: OptionReader,
  transfers: readonly Transfer[],
  smallestMtu_bytes: number | undefined,
): EngineOptions {
  const seconds = (long: string): number | undefined => {
    const value_s = reader.whole(long, 1, TIMEOUT_MAX_S);
    return value_s === undefined ? undefined : value_s * 1000;
  };
  const sourceAddresses = reader.parsed('source', 'IP addresses without a zone, or a.b.c.x', parseSources);
  const ofOneLink = sourceAddresses?.find(isLinkLocal);
  if (ofOneLink !== undefined)
    reader.refuse(
      'source',
      `names ${formatAddress(ofOneLink)}, an address of one link only (fe80::/10): name one that is valid beyond it`,
    );
  const memory_mb = reader.whole('memory', 1, MEMORY_MAX_MB);
  const addressed = 'an IP address';
  return withoutUndefined({
    transfers,
    percentage: reader.whole('percentage', 1, 100),
    gradual: reader.has('gradual'),
    copies: reader.whole('multiply', 1, COPIES_MAX),
    portShift: reader.whole('port-shift', 0, COPIES_MAX),
    sourceAddresses,
    loopbackAddress: reader.parsed('loopback-source', addressed, parseHost),
    wholeConnectionsOnly: reader.has('whole-connections'),
    waitForAnswers: !reader.has('no-wait'),
    response_ms: seconds('response-timeout'),
    lateMax_ms: seconds('late-max'),
    repeatsDoubtful: reader.has('repeat-doubtful'),
    idle_ms: seconds('idle-timeout'),
    memory_bytes: memory_mb === undefined ? undefined : memory_mb * 2 ** 20,
    mtu_bytes:
      reader.whole('mtu', MTU_MIN_BYTES, 0xffff) ??
      Math.min(MTU_DEFAULT_BYTES, Math.max(MTU_MIN_BYTES, smallestMtu_bytes ?? MTU_DEFAULT_BYTES)),
    segment_bytes: reader.whole('mss', MSS_MIN_BYTES, 0xffff),
  });
}

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

const withoutUndefined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

/** A list of addresses, or `a.b.c.x` for a.b.c.1 to a.b.c.254; host order. */
function parseSources(text: string): number[] | undefined {
  const range = /^(\d+\.\d+\.\d+)\.x$/.exec(text)?.[1];
  const parts =
    range === undefined
      ? text.split(',')
      : Array.from({ length: 254 }, (_, index) => `${range}.${index + 1}`);
  const addresses = parts.map(parseHost);
  const distinct = new Set(addresses);
  return addresses.every((address) => address !== undefined) && distinct.size === parts.length
    ? addresses
    : undefined;
}
