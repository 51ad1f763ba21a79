/** Which subnets this machine uses already, and who by. */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatSubnet, parseSubnet, placeOf, subnetAround, type Subnet } from '../../topology/addresses';
import { subnetsOf } from '../../topology/subnets';
import type { Topology } from '../../topology/types';
import { engines, HERE } from '../docker/connection';
import { labels } from '../docker/labels';
import { isBridge } from '../docker/names';

export interface OccupiedSubnet {
  readonly subnet: Subnet;
  /** For people: `Docker network "bridge"`. */
  readonly by: string;
  /** Name of the lab of ours that uses it, if it is one. */
  readonly lab?: string;
}

/** While Docker makes or removes a network, its bridge is there and the network is not. */
const PASSING_MS = 3_000;
const LOOK_AGAIN_MS = 50;

/** Docker's networks, and what else the host has an address in or a route to. */
export async function occupiedSubnets(): Promise<OccupiedSubnet[]> {
  const deadline_ms = performance.now() + PASSING_MS;
  for (;;) {
    const networks = await networkSubnets();
    // A Docker network's bridge and route are that network once more.
    const known = new Set(networks.map(({ subnet }) => formatSubnet(subnet)));
    // Named engines have machines of their own, or stand in network namespaces of their own.
    const found = engines()[0]!.name === HERE ? [...interfaceSubnets(), ...(await routes())] : [];
    const others = found.filter(({ subnet }) => !known.has(formatSubnet(subnet)));
    const passing = others.some(({ device }) => isBridge(device));
    if (!passing || performance.now() > deadline_ms) return [...networks, ...others];
    await sleep(LOOK_AGAIN_MS);
  }
}

async function networkSubnets(): Promise<OccupiedSubnet[]> {
  const found: OccupiedSubnet[] = [];
  const networks = await Promise.all(engines().map(({ api }) => api.listNetworks()));
  for (const { Name, IPAM, Labels } of networks.flat()) {
    const lab = Labels?.[labels.name];
    for (const { Subnet: cidr } of IPAM?.Config ?? []) {
      const subnet = parseSubnet(cidr ?? '');
      if (!subnet) continue;
      found.push(
        lab === undefined ? { subnet, by: `Docker network ${Name}` } : { subnet, by: `lab ${lab}`, lab },
      );
    }
  }
  return found;
}

/** What the engine refuses is another lab's whose networks are in the making, or not quite gone. */
export const refusedSubnets = (topology: Topology): OccupiedSubnet[] =>
  subnetsOf(topology).map(({ subnet }) => ({
    subnet: parseSubnet(subnet)!,
    by: 'a lab that is being started or removed',
    lab: '(another)',
  }));

/** RFC 4291, section 2.5.6: of each device, and of no network. */
const LINK_LOCAL = /^fe[89ab]/i;

interface OnDevice extends OccupiedSubnet {
  readonly device: string;
}

function interfaceSubnets(): OnDevice[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ cidr }) => {
      const [address = '', prefix = ''] = (cidr ?? '').split('/');
      const host = placeOf(address);
      if (host === undefined || LINK_LOCAL.test(address)) return [];
      const subnet = subnetAround(host, Number(prefix));
      return [{ subnet, by: `interface ${name} of this host`, device: name }];
    }),
  );
}

const routes = async (): Promise<OnDevice[]> => [...(await routes4()), ...(await routes6())];

/** The kernel's routing table; its numbers are hexadecimal in little-endian order. */
async function routes4(): Promise<OnDevice[]> {
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination = '', , , , , , mask = ''] = line.split('\t');
      if (!/^[0-9A-F]{8}$/.test(destination) || destination === '00000000') return [];
      const prefix = parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      const base = placeOf([...Buffer.from(destination, 'hex')].reverse().join('.'))!;
      return [{ subnet: { base, prefix }, by: `a route of this host by ${device}`, device }];
    });
}

/** RTF_LOCAL and RTF_ANYCAST (ipv6_route.h): addresses of this host itself. */
const OWN_ADDRESS = 0x8010_0000;

/** The same of IPv6: destination and the bits of its network come first, in hexadecimal; the device stands last (ipv6_route). */
async function routes6(): Promise<OnDevice[]> {
  const table = await readFile('/proc/net/ipv6_route', 'utf8').catch(() => '');
  return table.split('\n').flatMap((line) => {
    const [destination = '', bits = '', ...further] = line.trim().split(/\s+/);
    const device = further.at(-1) ?? '';
    const isOwn = (parseInt(further.at(-2) ?? '', 16) & OWN_ADDRESS) !== 0;
    const prefix = parseInt(bits, 16);
    const base = placeOf(destination.replace(/(.{4})(?!$)/g, '$1:'));
    // The default route, and what each device has: link-local and multicast.
    if (base === undefined || prefix === 0 || isOwn || device === 'lo' || /^f[ef]/.test(destination))
      return [];
    return [{ subnet: { base, prefix }, by: `a route of this host by ${device}`, device }];
  });
}
