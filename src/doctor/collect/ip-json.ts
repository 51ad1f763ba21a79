/** What ip(8) says with `-j`. */
import type { Device, Way } from '../facts';

interface IpDevice {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly addr_info: readonly {
    readonly family: string;
    readonly scope?: string;
    readonly local?: string;
  }[];
}

interface IpRoute {
  readonly type?: string;
  readonly dst?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly metrics?: readonly { readonly mtu?: number }[];
}

interface IpNeighbour {
  readonly dst?: string;
  readonly state?: readonly string[];
}

const ADDRESSES = new Set(['inet', 'inet6']);

/** @param text of `ip -j address` @param reversePathFilter the setting that holds for a device */
export const devicesIn = (text: string, reversePathFilter: (device: string) => number): Device[] =>
  (JSON.parse(text) as readonly IpDevice[]).map(({ ifname, flags, mtu, addr_info }) => ({
    name: ifname,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    loopback: flags.includes('LOOPBACK'),
    mtu_bytes: mtu,
    addresses: addr_info.flatMap(({ family, scope, local }) =>
      ADDRESSES.has(family) && scope !== 'link' && local !== undefined ? [local] : [],
    ),
    reversePathFilter: reversePathFilter(ifname),
  }));

/** IPv6 has these on the loopback device. */
const REFUSING = new Set(['unreachable', 'prohibit', 'blackhole', 'throw']);

/** @param text of `ip -j route get` */
export function wayIn(text: string): Way {
  const [route] = JSON.parse(text) as readonly IpRoute[];
  if (route?.dev === undefined || REFUSING.has(route.type ?? ''))
    return { kind: 'nowhere', reason: `the route is ${route?.type ?? 'empty'}` };
  if (route.type === 'local') return { kind: 'local' };
  return {
    kind: 'goes',
    device: route.dev,
    gateway: route.gateway,
    mtu_bytes: route.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu,
  };
}

/** Its state in the neighbour table. @param text of `ip -j neighbour` */
export const neighbourIn = (text: string, address: string): string | undefined =>
  (JSON.parse(text) as readonly IpNeighbour[]).find(({ dst }) => dst === address)?.state?.[0];
