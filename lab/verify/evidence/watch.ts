/**
 * What is counted three times over: by our own packet code, by tcpdump reading the same capture, and by the kernel.
 * A watch is one sentence about TCP frames, and each of the three readings is a rendering of it.
 *
 * Packets are counted, not segments on some wire: on veth devices the hooks of iptables and the taps see the same
 * packet buffers, super-packets of segmentation offload included, so the numbers are equal and not only alike.
 */
import { parseAddress } from '../../../src/wire/address/address';
import type { SegmentView } from '../../../src/wire/segment';
import type { Scene } from './scene';

export interface Watch {
  readonly id: string;
  /** What a frame that matches is, as a plural. */
  readonly meaning: string;
  readonly source?: string;
  readonly sourcePort?: number;
  readonly destination?: string;
  readonly destinationPort?: number;
  /** Hardware address: only frames to it, where others may pass as well. */
  readonly hardware?: string;
}

/** A watch that the kernel keeps too. */
export interface KernelWatch extends Watch {
  readonly node: string;
  /** Where it counts: what came in through the device, what is to leave through it (before the guard), what leaves (behind it). */
  readonly hook: 'PREROUTING' | 'OUTPUT' | 'POSTROUTING';
  /** `eth0` by default. What is played on the test server itself comes to it and leaves it by `lo`. */
  readonly device?: Device;
}

export type Device = 'eth0' | 'lo';

/** Responses of the copied port, to anybody. */
export const responses = ({ test }: Scene): Watch => ({
  id: 'responses',
  meaning: `responses of ${test.name}:${test.port}`,
  source: test.address,
  sourcePort: test.port,
});

/** Responses to those who may have them. */
export const passedResponses = (scene: Scene): Watch[] =>
  scene.passlist.map((address) => ({
    ...responses(scene),
    id: `responses-to-${address}`,
    destination: address,
  }));

export const copies = ({ test }: Scene): Watch => ({
  id: 'copies',
  meaning: `segments to ${test.name}:${test.port}`,
  destination: test.address,
  destinationPort: test.port,
});

export const requests = ({ online }: Scene): Watch => ({
  id: 'requests',
  meaning: `segments to ${online.name}:${online.port}`,
  destination: online.address,
  destinationPort: online.port,
});

/** All that every tap is read for. */
export const allWatches = (scene: Scene): Watch[] => [
  responses(scene),
  ...passedResponses(scene),
  copies(scene),
  requests(scene),
];

/** What the kernel counts, and where. The last two show that its counters count at all. */
export function kernelWatches(scene: Scene): KernelWatch[] {
  const { online, test } = scene;
  const out = [responses(scene), ...passedResponses(scene)];
  return [
    ...out.map((watch) => ({ ...watch, node: test.name, hook: 'POSTROUTING' as const })),
    { ...copies(scene), node: test.name, hook: 'PREROUTING' },
    { ...responses(scene), node: online.name, hook: 'PREROUTING' },
    { ...requests(scene), node: online.name, hook: 'PREROUTING' },
    ...scene.clients.map(({ name }) => ({ ...responses(scene), node: name, hook: 'PREROUTING' as const })),
    // An assistant that forwards shows each response twice.
    ...scene.assistants.map(({ name, hardware }) => ({
      ...responses(scene),
      hardware,
      node: name,
      hook: 'PREROUTING' as const,
    })),
  ];
}

/** Our own reading. */
export function matcherOf(watch: Watch): (segment: SegmentView) => boolean {
  const source = watch.source === undefined ? undefined : parseAddress(watch.source);
  const destination = watch.destination === undefined ? undefined : parseAddress(watch.destination);
  return (segment) =>
    (source === undefined || segment.source === source) &&
    (destination === undefined || segment.destination === destination) &&
    (watch.sourcePort === undefined || segment.sourcePort === watch.sourcePort) &&
    (watch.destinationPort === undefined || segment.destinationPort === watch.destinationPort);
}

/** tcpdump's reading: a pcap filter expression. */
export function expressionOf(watch: Watch): string {
  return [
    'ip and tcp',
    ...(watch.hardware === undefined ? [] : [`ether dst ${watch.hardware}`]),
    ...(watch.source === undefined ? [] : [`src host ${watch.source}`]),
    ...(watch.sourcePort === undefined ? [] : [`src port ${watch.sourcePort}`]),
    ...(watch.destination === undefined ? [] : [`dst host ${watch.destination}`]),
    ...(watch.destinationPort === undefined ? [] : [`dst port ${watch.destinationPort}`]),
  ].join(' and ');
}

/** The kernel's reading: a rule without a target, which counts and changes nothing. */
export function ruleOf(watch: KernelWatch, comment: string): { table: string; rule: string[] } {
  return {
    table: watch.hook === 'POSTROUTING' ? 'mangle' : 'raw',
    rule: [...matchOf(watch), '-m', 'comment', '--comment', comment],
  };
}

/** A chain of iptables, and the words that match there. */
export const matchOf = (watch: KernelWatch): string[] => [
  watch.hook,
  watch.hook === 'PREROUTING' ? '-i' : '-o',
  watch.device ?? 'eth0',
  '-p',
  'tcp',
  ...(watch.source === undefined ? [] : ['-s', watch.source]),
  ...(watch.sourcePort === undefined ? [] : ['--sport', String(watch.sourcePort)]),
  ...(watch.destination === undefined ? [] : ['-d', watch.destination]),
  ...(watch.destinationPort === undefined ? [] : ['--dport', String(watch.destinationPort)]),
];
