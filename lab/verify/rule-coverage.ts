/**
 * How many of the responses a rule is for: those of the copied port, to everybody who is not on the passlist.
 *
 * What is not understood counts as a condition that some responses meet and others do not. So a rule is never taken
 * for a guard that it may not be, and never for harmless when it may let responses out.
 */
import { parseAddress } from '../../src/wire/flow';
import type { Match, Rule } from './iptables-save';
import type { Scene } from './scene';

export type Coverage = 'all' | 'some' | 'none';

/** Where the nodes' only network is. */
const DEVICE = 'eth0';
/** Match extensions that ask nothing by themselves; their options do. */
const SILENT_EXTENSIONS = new Set(['tcp', 'multiport', 'comment']);
const SOURCE_PORT_OPTIONS = new Set(['--sport', '--source-port', '--sports', '--source-ports']);

export function coverageOf(rule: Rule, scene: Scene): Coverage {
  return least(rule.matches.map((match) => coverageOfMatch(match, scene)));
}

/** The conditions of a rule on the source port. */
export const sourcePortsOf = (rule: Rule): Match[] =>
  rule.matches.filter(({ option }) => SOURCE_PORT_OPTIONS.has(option));

/** Of a rule, or of some of its conditions. */
export function least(coverages: readonly Coverage[]): Coverage {
  if (coverages.includes('none')) return 'none';
  return coverages.includes('some') ? 'some' : 'all';
}

export function coverageOfMatch(match: Match, scene: Scene): Coverage {
  const coverage = plainCoverage(match, scene);
  if (!match.negated || coverage === 'some') return coverage;
  return coverage === 'all' ? 'none' : 'all';
}

/** As if it were not negated. */
function plainCoverage({ option, values }: Match, { test, passlist }: Scene): Coverage {
  const value = values[0] ?? '';
  if (SOURCE_PORT_OPTIONS.has(option)) return names(value, test.port) ? 'all' : 'none';
  switch (option) {
    case '-p':
      return ['tcp', '6', 'all', '0'].includes(value) ? 'all' : 'none';
    case '-s':
      return networkOf(value).contains(test.address) ? 'all' : 'none';
    case '-d': {
      const { isEverything, isOneAddress, contains } = networkOf(value);
      if (isEverything) return 'all';
      return isOneAddress && passlist.some(contains) ? 'none' : 'some';
    }
    case '-o':
      return isDevice(value) ? 'all' : 'none';
    case '--ports':
      // Either end's port: a client may have one of them.
      return names(value, test.port) ? 'all' : 'some';
    case '-m':
      return SILENT_EXTENSIONS.has(value) ? 'all' : 'some';
    case '--comment':
      return 'all';
    default:
      return 'some';
  }
}

/** `80`, `80,8080`, `8000:8100`. */
function names(ports: string, port: number): boolean {
  return ports.split(',').some((range) => {
    const [first, last] = range.split(':').map(Number);
    return first! <= port && port <= (last ?? first!);
  });
}

/** `eth0`, or `eth+` for everything that begins with `eth`. */
function isDevice(pattern: string): boolean {
  return pattern.endsWith('+') ? DEVICE.startsWith(pattern.slice(0, -1)) : pattern === DEVICE;
}

interface Network {
  readonly isEverything: boolean;
  readonly isOneAddress: boolean;
  readonly contains: (address: string) => boolean;
}

/** `198.18.10.0/24`, or with a mask in dotted decimal. */
function networkOf(text: string): Network {
  const [base = '', length = '32'] = text.split('/');
  const mask = parseAddress(length) ?? (2 ** 32 - 2 ** (32 - Number(length))) >>> 0;
  const network = (parseAddress(base) ?? 0) & mask;
  return {
    isEverything: mask === 0,
    isOneAddress: mask === 0xffff_ffff,
    contains: (address) => (parseAddress(address)! & mask) === network,
  };
}
