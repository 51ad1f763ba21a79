/** This machine as its tools and `/proc` tell it. Reads only. */
import { readdirSync } from 'node:fs';
import { boundQueuesIn } from '../../firewall/bound-queues';
import { rulesIn, type RuleSet } from '../../firewall/iptables-save';
import { type Family, FAMILIES } from '../../wire/address/address';
import type { Connection, Device, MachineFacts, RunningProgram, Way } from '../facts';
import { iptablesOf } from '../../firewall/tools';
import { ask, readText, textOf, type Answer } from '../../process/ask';
import { devicesIn, neighbourIn, wayIn } from './ip-json';
import { incompatibleTablesIn, nativeTablesIn } from './native-tables';
import { connectionsIn, listenersIn } from './sockets';

/** Bits of linux/capability.h. */
const CAP_NET_ADMIN = 12n;
const CAP_NET_RAW = 13n;

/** The machine lacks what every answer stands on. */
export class DoctorError extends Error {
  override readonly name = 'DoctorError';
  readonly code = 'cannot-examine';
}

/** @throws DoctorError when ip(8) is missing: nothing could be told without it */
export async function collectMachine(): Promise<MachineFacts> {
  const [address, saved, nft, listeners] = await Promise.all([
    ask('ip', '-j', 'address'),
    Promise.all(FAMILIES.map(askIptables)),
    ask('nft', '-j', 'list', 'chains'),
    ask('ss', '-Htlnp'),
  ]);
  return {
    devices: devicesFrom(address),
    capabilities: ownCapabilities(),
    rules: Object.fromEntries(saved.flatMap(({ family, rules }) => (rules ? [[family, rules]] : []))),
    nativeTables: nativeTablesFrom(nft, saved),
    listeners: listeners.kind === 'said' ? listenersIn(listeners.text) : undefined,
    conntrack: conntrackUse(),
    queues: boundQueuesIn(readText('/proc/net/netfilter/nfnetlink_queue') ?? ''),
    programs: runningPrograms(),
    cloud: cloudIn(readText('/sys/class/dmi/id/sys_vendor')),
  };
}

function devicesFrom(answer: Answer): Device[] {
  if (answer.kind === 'said') return devicesIn(answer.text, reversePathFilterOf);
  throw new DoctorError(
    answer.kind === 'failed'
      ? `ip -j address fails: ${answer.reason}`
      : 'ip is not installed; on Debian: apt-get install iproute2',
  );
}

export function reversePathFilterOf(device: string): number {
  const settings = ['all', device].map((name) => readText(`/proc/sys/net/ipv4/conf/${name}/rp_filter`));
  return Math.max(...settings.map((text) => Number(text ?? 0)));
}

function ownCapabilities(): MachineFacts['capabilities'] {
  const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText('/proc/self/status') ?? '') ?? [];
  const has = (bit: bigint): boolean => ((BigInt(`0x${digits}`) >> bit) & 1n) === 1n;
  return { netAdmin: has(CAP_NET_ADMIN), netRaw: has(CAP_NET_RAW) };
}

/** @returns undefined when iptables-save is not there, or fails */
export const collectRules = async (family: Family = 4): Promise<RuleSet | undefined> =>
  (await askIptables(family)).rules;

interface Saved {
  readonly family: Family;
  readonly text: string | undefined;
  readonly rules: RuleSet | undefined;
}

/** Both variants of iptables count: the kernel asks the rules of both. */
async function askIptables(family: Family): Promise<Saved> {
  const tool = iptablesOf(family);
  const [text, legacy = ''] = (await Promise.all([ask(`${tool}-save`), ask(`${tool}-legacy-save`)])).map(
    textOf,
  );
  const all = legacy === '' || legacy === text ? text : `${text}\n${legacy}`;
  return { family, text, rules: text === undefined || all === undefined ? undefined : rulesIn(all) };
}

function nativeTablesFrom(nft: Answer, saved: readonly Saved[]): MachineFacts['nativeTables'] {
  const incompatible = saved.flatMap(({ text, family }) => incompatibleTablesIn(text ?? '', family));
  if (nft.kind === 'said') return [...new Set([...nativeTablesIn(nft.text), ...incompatible])];
  return incompatible.length > 0 ? incompatible : undefined;
}

function conntrackUse(): MachineFacts['conntrack'] {
  const [count, max] = ['count', 'max'].map((name) =>
    readText(`/proc/sys/net/netfilter/nf_conntrack_${name}`),
  );
  return count === undefined || max === undefined ? undefined : { count: Number(count), max: Number(max) };
}

function runningPrograms(): RunningProgram[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), name: (readText(`/proc/${name}/comm`) ?? '').trim() }))
    .filter(({ name }) => name === 'tcpcopy' || name === 'intercept');
}

/** Makers of virtual machines whose networks drop sources that are not the machine's own. */
const CLOUDS = /amazon|google|microsoft|alibaba|tencent|oracle|openstack|digitalocean|hetzner|huawei/i;

function cloudIn(vendor: string | undefined): string | undefined {
  return vendor !== undefined && CLOUDS.test(vendor) ? vendor.trim() : undefined;
}

/** @param behind further words of `ip route get`, for example `from <address> iif <device>` */
export async function wayTo(address: string, ...behind: readonly string[]): Promise<Way> {
  const answer = await ask('ip', '-j', 'route', 'get', address, ...behind);
  if (answer.kind === 'said') return wayIn(answer.text);
  const reason = answer.kind === 'failed' ? answer.reason : 'ip is not installed';
  return { kind: 'nowhere', reason: reason.replace(/^RTNETLINK answers: /, '') };
}

/** State of the address, or of the gateway to it; undefined when nothing was sent there yet. */
export async function neighbourOn(way: Way, address: string): Promise<string | undefined> {
  if (way.kind !== 'goes') return undefined;
  const text = textOf(await ask('ip', '-j', 'neighbour', 'show', 'dev', way.device));
  return text === undefined ? undefined : neighbourIn(text, way.gateway ?? address);
}

/** Of clients with these ports of this machine. */
export async function connectionsOf(ports: readonly number[]): Promise<Connection[] | undefined> {
  if (ports.length === 0) return [];
  const filter = ports.flatMap((port, index) => [...(index > 0 ? ['or'] : []), `sport = :${port}`]);
  const text = textOf(await ask('ss', '-Htn', 'state', 'established', '(', ...filter, ')'));
  return text === undefined ? undefined : connectionsIn(text);
}

/** How many packets the reverse path filter dropped; undefined where the kernel does not count. */
export function reversePathDropped(netstat = readText('/proc/net/netstat')): number | undefined {
  const [names, values] = (netstat ?? '')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const at = names?.indexOf('IPReversePathFilter') ?? -1;
  return at < 0 ? undefined : Number(values?.[at]);
}
