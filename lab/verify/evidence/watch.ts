/**
 * What is counted three times over: by our own packet code, by tcpdump reading the same capture, and by the kernel.
 * A watch is one sentence about TCP frames, and each of the three readings is a rendering of it.
 *
 * Packets are counted, not segments on some wire: on veth devices the hooks of iptables and the taps see the same
 * packet buffers, super-packets of segmentation offload included, so the numbers are equal and not only alike.
 */
import { parseAddress, type Family } from '../../../src/wire/address/address';
import type { SegmentView } from '../../../src/wire/segment';
import { familyOfText, iptablesOf } from '../../plan/families';
import { isNobody, NOBODIES } from '../../../src/wire/nobodies';
import { sceneDevice, type Scene, type SceneNode, type SceneServer } from './scene';

export interface Watch {
  readonly id: string;
  /** What a frame that matches is, as a plural. */
  readonly meaning: string;
  readonly family: Family;
  readonly source?: string;
  readonly sourcePort?: number;
  readonly destination?: string;
  readonly destinationPort?: number;
  /** Not what proves the guard. Without a destination only. */
  readonly exceptToNobody?: true;
  /** Hardware address: only frames to it, where others may pass as well. */
  readonly hardware?: string;
}

/** A watch that the kernel keeps too. */
export interface KernelWatch extends Watch {
  readonly node: string;
  /** Where it counts: what came in through the device, what is to leave through it (before the guard), what leaves (behind it). */
  readonly hook: 'PREROUTING' | 'OUTPUT' | 'POSTROUTING';
  /** `eth0` by default. What is played on the test server itself comes to it by `lo`. */
  readonly device?: string;
}

/** Of every device. */
export const ANY_DEVICE = 'any';

/** One for each address of a server, which are one of each family. */
const ofEach = (
  { name, addresses, port }: SceneServer,
  id: string,
  what: string,
  match: (address: string) => Partial<Watch>,
): Watch[] =>
  addresses.map((address) => {
    const family = familyOfText(address);
    const over = family === 6 ? ' over IPv6' : '';
    return {
      id: family === 6 ? `${id}-6` : id,
      meaning: `${what} ${name}:${port}${over}`,
      family,
      ...match(address),
    };
  });

/** Responses of the copied port, to anybody. */
export const responses = ({ test }: Scene): Watch[] =>
  ofEach(test, 'responses', 'responses of', (source) => ({ source, sourcePort: test.port }));

/** Responses to those who may have them. */
export const passedResponses = (scene: Scene): Watch[] =>
  scene.passlist.flatMap((destination) =>
    responses(scene)
      .filter(({ family }) => family === familyOfText(destination))
      .map((watch) => ({ ...watch, id: `responses-to-${destination}`, destination })),
  );

export const copies = ({ test }: Scene): Watch[] =>
  ofEach(test, 'copies', 'segments to', (destination) => ({ destination, destinationPort: test.port }));

export const requests = ({ online }: Scene): Watch[] =>
  ofEach(online, 'requests', 'segments to', (destination) => ({ destination, destinationPort: online.port }));

/** Of the online server, to anybody. */
export const answers = ({ online }: Scene): Watch[] =>
  ofEach(online, 'answers', 'answers of', (source) => ({ source, sourcePort: online.port }));

/** All that every tap is read for. */
export const allWatches = (scene: Scene): Watch[] => [
  ...responses(scene),
  ...passedResponses(scene),
  ...copies(scene),
  ...requests(scene),
];

/** What the kernel counts, and where. The last two show that its counters count at all. */
export function kernelWatches(scene: Scene): KernelWatch[] {
  const { online, test } = scene;
  // Where the rule is gone, proofs of the guard get out, and further only where somebody is their next hop: no overlay has one.
  const out = [
    ...responses(scene).map((watch) => ({ ...watch, exceptToNobody: true as const })),
    ...passedResponses(scene),
  ];
  const at = (node: SceneNode, hook: KernelWatch['hook'], watches: readonly Watch[]): KernelWatch[] =>
    watches.map((watch) => ({ ...watch, node: node.name, hook, device: sceneDevice(node) }));
  const comingTo = (node: SceneNode, watches: readonly Watch[]): KernelWatch[] =>
    at(node, 'PREROUTING', watches);
  return [
    ...at(test, 'POSTROUTING', out),
    ...comingTo(test, copies(scene)),
    ...comingTo(online, responses(scene)),
    ...comingTo(online, requests(scene)),
    ...scene.clients.flatMap((client) => comingTo(client, responses(scene))),
    // An assistant that forwards shows each response twice.
    ...scene.assistants.flatMap((assistant) =>
      comingTo(assistant, responses(scene)).map((watch) => ({ ...watch, hardware: assistant.hardware })),
    ),
  ];
}

/** Our own reading. */
export function matcherOf(watch: Watch): (segment: SegmentView) => boolean {
  const source = watch.source === undefined ? undefined : parseAddress(watch.source);
  const destination = watch.destination === undefined ? undefined : parseAddress(watch.destination);
  return (segment) =>
    (source === undefined || segment.source === source) &&
    (destination === undefined || segment.destination === destination) &&
    !(watch.exceptToNobody && isNobody(segment.destination)) &&
    (watch.sourcePort === undefined || segment.sourcePort === watch.sourcePort) &&
    (watch.destinationPort === undefined || segment.destinationPort === watch.destinationPort);
}

/** tcpdump's reading: a pcap filter expression. */
export function expressionOf(watch: Watch): string {
  return [
    watch.family === 4 ? 'ip and tcp' : 'ip6 and tcp',
    ...(watch.hardware === undefined ? [] : [`ether dst ${watch.hardware}`]),
    ...(watch.source === undefined ? [] : [`src host ${watch.source}`]),
    ...(watch.sourcePort === undefined ? [] : [`src port ${watch.sourcePort}`]),
    ...(watch.destination === undefined ? [] : [`dst host ${watch.destination}`]),
    ...(watch.destinationPort === undefined ? [] : [`dst port ${watch.destinationPort}`]),
    ...(watch.exceptToNobody ? [`not dst net ${NOBODIES[watch.family]}`] : []),
  ].join(' and ');
}

/** The kernel's reading: a rule without a target, which counts and changes nothing. */
export function ruleOf(watch: KernelWatch, comment: string): { table: string; rule: string[] } {
  return {
    table: watch.hook === 'POSTROUTING' ? 'mangle' : 'raw',
    rule: [...matchOf(watch), '-m', 'comment', '--comment', comment],
  };
}

/** The command that its rule is given to. */
export const iptablesFor = ({ family }: Pick<Watch, 'family'>): string => iptablesOf(family);

/** A chain of iptables, and the words that match there. */
export const matchOf = (watch: KernelWatch): string[] => [
  watch.hook,
  ...(watch.device === ANY_DEVICE ? [] : [watch.hook === 'PREROUTING' ? '-i' : '-o', watch.device ?? 'eth0']),
  '-p',
  'tcp',
  ...(watch.source === undefined ? [] : ['-s', watch.source]),
  ...(watch.sourcePort === undefined ? [] : ['--sport', String(watch.sourcePort)]),
  ...(watch.destination === undefined ? [] : ['-d', watch.destination]),
  ...(watch.exceptToNobody ? ['!', '-d', NOBODIES[watch.family]] : []),
  ...(watch.destinationPort === undefined ? [] : ['--dport', String(watch.destinationPort)]),
];
