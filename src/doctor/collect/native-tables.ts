/** Tables of nftables that iptables did not make: their rules are not understood here, so they must be known. */
import type { Family } from '../../wire/address/address';

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly hook?: string;
}

interface Nft {
  readonly nftables: readonly { readonly chain?: NftChain }[];
}

const OF_IPTABLES = new Set(['raw', 'mangle', 'nat', 'filter', 'security']);
const FAMILIES = new Set(['ip', 'ip6', 'inet']);
const HOOKS = new Set(['prerouting', 'input', 'output', 'postrouting']);

/** Those that see a copy's packets, as `family name`. @param text of `nft -j list chains` */
export function nativeTablesIn(text: string): string[] {
  const chains = (JSON.parse(text) as Nft).nftables.flatMap(({ chain }) => (chain ? [chain] : []));
  const native = chains.filter(
    ({ family, table, hook }) =>
      FAMILIES.has(family) &&
      hook !== undefined &&
      HOOKS.has(hook) &&
      !(family !== 'inet' && OF_IPTABLES.has(table)),
  );
  return [...new Set(native.map(({ family, table }) => `${family} ${table}`))];
}

/** Tables that iptables-save, or ip6tables-save, names and cannot print. */
export const incompatibleTablesIn = (saved: string, family: Family): string[] =>
  [...saved.matchAll(/^# Table `(\S+)' is incompatible/gm)].map(
    ([, table]) => `${family === 6 ? 'ip6' : 'ip'} ${table!}`,
  );
