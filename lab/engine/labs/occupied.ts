/** Which subnets this machine uses already, and who by. */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatSubnet, parseSubnet, sizeOf, type Subnet } from '../../topology/addresses';
import type { Topology } from '../../topology/types';
import { docker } from '../docker/connection';
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
    const found = [...interfaceSubnets(), ...(await routes())];
    const others = found.filter(({ subnet }) => !known.has(formatSubnet(subnet)));
    const passing = others.some(({ device }) => isBridge(device));
    if (!passing || performance.now() > deadline_ms) return [...networks, ...others];
    await sleep(LOOK_AGAIN_MS);
  }
}

async function networkSubnets(): Promise<OccupiedSubnet[]> {
  const found: OccupiedSubnet[] = [];
  for (const { Name, IPAM, Labels } of await docker().listNetworks()) {
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
export const refusedSubnets = ({ networks }: Topology): OccupiedSubnet[] =>
  Object.values(networks).map(({ subnet }) => ({
    subnet: parseSubnet(subnet)!,
    by: 'a lab that is being started or removed',
    lab: '(another)',
  }));

interface OnDevice extends OccupiedSubnet {
  readonly device: string;
}

function interfaceSubnets(): OnDevice[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ family, cidr }) => {
      if (family !== 'IPv4' || cidr === null) return [];
      const [address = '', prefix = ''] = cidr.split('/');
      const host = parseSubnet(`${address}/32`);
      if (!host) return [];
      const width = sizeOf({ base: 0, prefix: Number(prefix) });
      const subnet = { base: host.base - (host.base % width), prefix: Number(prefix) };
      return [{ subnet, by: `interface ${name} of this host`, device: name }];
    }),
  );
}

/** The kernel's routing table; its numbers are hexadecimal in little-endian order. */
async function routes(): Promise<OnDevice[]> {
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination = '', , , , , , mask = ''] = line.split('\t');
      if (!/^[0-9A-F]{8}$/.test(destination) || destination === '00000000') return [];
      const prefix = parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      const base = Buffer.from(destination, 'hex').readUInt32LE();
      return [{ subnet: { base, prefix }, by: `a route of this host by ${device}`, device }];
    });
}
