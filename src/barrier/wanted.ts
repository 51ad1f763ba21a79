/** The rules that `intercept --guard` wants to stand, of one family: as iptables-restore(8) takes them. */
import { createHash } from 'node:crypto';
import type { OwnCopies } from '../passlist/passlist';
import { familyOf, formatAddress, type Address, type Family } from '../wire/address/address';

export interface Barrier {
  /** Of the NFQUEUE. */
  readonly queue: number;
  /** Where several workers listen on a queue each: the last of them. */
  readonly lastQueue?: number;
  /** Ports of this machine whose responses are caught. */
  readonly ports: readonly number[];
  /** Addresses (of either family) that responses are let through to, */
  readonly passed: readonly Address[];
  /** but for these ports of them. */
  readonly ownCopies: readonly OwnCopies[];
}

/** A built-in chain, and what is to stand first in it. Rules are without the chain's name. */
export interface WantedChain {
  readonly table: 'filter' | 'mangle';
  readonly chain: string;
  readonly rules: readonly string[];
  /** A chain of our own that they lead to. */
  readonly own?: { readonly chain: string; readonly rules: readonly string[] };
}

/** Every rule of ours that stands in a chain of the machine's begins its comment with it; more than one intercept may have some. */
export const MARK = 'tcpcopy-guard-';

/** Of all rules of this queue. */
export const markOf = (queue: number): string => `${MARK}${queue}-`;
export const ownChainOf = (queue: number): string => `${MARK}${queue}`;

/**
 * First in OUTPUT the rule that leads responses into the queue. Behind it, on the way out, a net: what comes by from a copied
 * port to anybody off the passlist got past the rule, and is dropped. What stays on this machine is nobody's response.
 *
 * @returns the net first: it must stand before the rule may be changed
 */
export function wantedChains(barrier: Barrier, family: Family): WantedChain[] {
  const { queue, lastQueue = queue, ports, passed, ownCopies } = barrier;
  const led = lastQueue > queue ? `--queue-balance ${queue}:${lastQueue}` : `--queue-num ${queue}`;
  const ofFamily = ({ address }: { readonly address: Address }): boolean => familyOf(address) === family;
  const net = [
    ...ownCopies
      .filter(ofFamily)
      .map(
        ({ address, ports: { first, last } }) =>
          `-d ${formatAddress(address)} -p tcp -m tcp --dport ${first}:${last} -j DROP`,
      ),
    ...passed
      .filter((address) => ofFamily({ address }))
      .map((address) => `-d ${formatAddress(address)} -j RETURN`),
    '-j DROP',
  ];
  const from = (port: number): string => `-p tcp -m tcp --sport ${port}`;
  const chain = ownChainOf(queue);
  const comment = `-m comment --comment ${markOf(queue)}${digestOf([...ports.map(from), ...net, ...(lastQueue > queue ? [led] : [])])}`;
  return [
    {
      table: 'mangle',
      chain: 'POSTROUTING',
      rules: ports.map((port) => `! -o lo ${from(port)} ${comment} -j ${chain}`),
      own: { chain, rules: net },
    },
    {
      table: 'filter',
      chain: 'OUTPUT',
      rules: ports.map((port) => `${from(port)} ${comment} -j NFQUEUE ${led}`),
    },
  ];
}

/** Rules that have changed are told from those that stand by their comment. */
const digestOf = (rules: readonly string[]): string =>
  createHash('sha256').update(rules.join('\n')).digest('hex').slice(0, 8);
