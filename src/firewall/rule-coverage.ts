/**
 * How many of a flow's packets a rule is for.
 *
 * What is not understood counts as a condition that some packets meet and others do not. So a rule is never taken for a
 * guard that it may not be, and never for harmless when it may let responses out.
 */
import { isIpv6, parseAddress, writeIpv6Address } from '../wire/address/address';
import { writeU32 } from '../wire/big-endian';
import type { Addresses, End, Flow } from './flow';
import type { Match, Rule } from './iptables-save';

export type Coverage = 'all' | 'some' | 'none';

/** Match extensions that ask nothing by themselves; their options do. */
const SILENT_EXTENSIONS = new Set(['tcp', 'multiport', 'comment', 'conntrack', 'state', 'physdev']);
const SOURCE_PORT_OPTIONS = new Set(['--sport', '--source-port', '--sports', '--source-ports']);
const DESTINATION_PORT_OPTIONS = new Set([
  '--dport',
  '--destination-port',
  '--dports',
  '--destination-ports',
]);

export function coverageOf(rule: Rule, flow: Flow): Coverage {
  return least(rule.matches.map((match) => coverageOfMatch(match, flow)));
}

/** The conditions of a rule on the source port. */
export const sourcePortsOf = (rule: Rule): Match[] =>
  rule.matches.filter(({ option }) => SOURCE_PORT_OPTIONS.has(option));

/** Of a rule, or of some of its conditions. */
export function least(coverages: readonly Coverage[]): Coverage {
  if (coverages.includes('none')) return 'none';
  return coverages.includes('some') ? 'some' : 'all';
}

export function coverageOfMatch(match: Match, flow: Flow): Coverage {
  const coverage = plainCoverage(match, flow);
  if (!match.negated || coverage === 'some') return coverage;
  return coverage === 'all' ? 'none' : 'all';
}

/** As if it were not negated. */
function plainCoverage({ option, values }: Match, flow: Flow): Coverage {
  const { source, destination, devices, state } = flow;
  const value = values[0] ?? '';
  if (SOURCE_PORT_OPTIONS.has(option)) return portCoverage(value, source);
  if (DESTINATION_PORT_OPTIONS.has(option)) return portCoverage(value, destination);
  switch (option) {
    case '-p':
      return values.some((name) => ['tcp', '6', 'all', '0'].includes(name)) ? 'all' : 'none';
    case '-s':
      return addressCoverage(value, source.addresses);
    case '-d':
      return addressCoverage(value, destination.addresses);
    case '-i':
    case '-o':
      return ofEach(devices, (device) => values.some((pattern) => isDevice(pattern, device)));
    case '--ports': {
      const ends = [source, destination].map((end) => portCoverage(value, end));
      return ends.includes('all') ? 'all' : ends.includes('some') ? 'some' : 'none';
    }
    case '--ctstate':
    case '--state':
      if (state === 'any') return 'some';
      return value.split(',').includes(state === 'new' ? 'NEW' : 'INVALID') ? 'all' : 'none';
    case '--physdev-is-bridged':
      return flow.bridged ? 'all' : 'none';
    case '--tcp-flags':
      return state === 'new' && values[1] === 'SYN' ? 'all' : 'some';
    case '-m':
      return SILENT_EXTENSIONS.has(value) ? 'all' : 'some';
    case '--comment':
      return 'all';
    default:
      return 'some';
  }
}

function portCoverage(ports: string, { port }: End): Coverage {
  if (port === undefined) return 'some';
  return names(ports, port) ? 'all' : 'none';
}

function addressCoverage(network: string, { are, list }: Addresses): Coverage {
  const { isEverything, isOneAddress, contains } = networkOf(network);
  if (isEverything) return 'all';
  if (are === 'among') return ofEach(list, contains);
  return isOneAddress && list.some(contains) ? 'none' : 'some';
}

function ofEach<T>(list: readonly T[], holds: (one: T) => boolean): Coverage {
  const count = list.filter(holds).length;
  if (list.length > 0 && count === list.length) return 'all';
  return count > 0 || list.length === 0 ? 'some' : 'none';
}

/** `80`, `80,8080`, `8000:8100`. */
function names(ports: string, port: number): boolean {
  return ports.split(',').some((range) => {
    const [first, last] = range.split(':').map(Number);
    return first! <= port && port <= (last ?? first!);
  });
}

/** `eth0`, or `eth+` for everything that begins with `eth`. */
function isDevice(pattern: string, device: string): boolean {
  return pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : pattern === device;
}

interface Network {
  readonly isEverything: boolean;
  readonly isOneAddress: boolean;
  readonly contains: (address: string) => boolean;
}

/** `198.18.10.0/24`, `2001:2::/64`, or with a mask that is written as an address. */
function networkOf(text: string): Network {
  const [base = '', length] = text.split('/');
  const bytes = bytesOf(base);
  const mask = maskOf(length, bytes.length);
  return {
    isEverything: mask.every((byte) => byte === 0),
    isOneAddress: mask.every((byte) => byte === 0xff),
    contains(address) {
      const other = bytesOf(address);
      return (
        other.length === bytes.length && other.every((byte, at) => ((byte ^ bytes[at]!) & mask[at]!) === 0)
      );
    },
  };
}

/** @returns 4 bytes or 16 */
function bytesOf(text: string): Uint8Array {
  const address = parseAddress(text) ?? 0;
  const bytes = new Uint8Array(isIpv6(address) ? 16 : 4);
  if (isIpv6(address)) writeIpv6Address(bytes, 0, address);
  else writeU32(bytes, 0, address);
  return bytes;
}

/** @param length in bits, or a mask; undefined for a single address */
function maskOf(length: string | undefined, size: number): Uint8Array {
  if (length !== undefined && !/^\d+$/.test(length)) return bytesOf(length);
  const bits = Number(length ?? size * 8);
  return Uint8Array.from({ length: size }, (_, at) => 0xff00 >> Math.min(8, Math.max(0, bits - at * 8)));
}
