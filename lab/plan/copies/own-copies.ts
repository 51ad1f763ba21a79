/** Ports of an online server that its copies come from, and which connections of a test server are copied ones with these. */
import { parseOwnCopies, type OwnCopies } from '../../../src/passlist/passlist';
import { formatAddress } from '../../../src/wire/address/address';
import { hostText } from '../families';
import type { TopologyCopy } from '../../topology/types';
import { valueOf } from './given';

/** What is not well formed intercept refuses itself. */
export function ownCopiesOf(copies: readonly TopologyCopy[]): OwnCopies[] {
  return copies
    .flatMap(({ intercept = [] }) => valueOf(intercept, '--own-copies')?.split(',') ?? [])
    .flatMap((part) => parseOwnCopies(part) ?? []);
}

/**
 * As ss(8) filters them: all but those of the passlist's programs.
 *
 * @param port that is copied to
 * @param passlist addresses of either family
 * @param ownCopies ports of these that copies come from
 */
export function copiedConnections(
  port: number,
  passlist: readonly string[],
  ownCopies: readonly OwnCopies[],
): string[] {
  const passed = passlist.flatMap((address) => {
    const ranges = ownCopies.filter((own) => formatAddress(own.address) === address);
    if (ranges.length === 0) return ['and', 'not', 'dst', hostText(address)];
    const copies = ranges.flatMap(({ ports: { first, last } }) => [
      'or',
      '(',
      'dport',
      '>=',
      `:${first}`,
      'and',
      'dport',
      '<=',
      `:${last}`,
      ')',
    ]);
    return ['and', '(', 'not', 'dst', hostText(address), ...copies, ')'];
  });
  return ['(', `sport = :${port}`, ...passed, ')'];
}
