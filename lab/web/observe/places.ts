/** Where the frames of a copy are seen. */
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import { sceneDevice, type Scene, type SceneNode } from '../../verify/evidence/scene';
import { iptablesFor, matchOf, responses } from '../../verify/evidence/watch';
import { formatAddress } from '../../../src/wire/address/address';
import { unlogged } from '../frames/nflog';
import type { Undoings } from './undoing';

export interface Place {
  readonly node: LabNode;
  readonly device: string;
  readonly filter?: string;
  /** Makes what the tap records a capture of packets. */
  readonly read: (capture: Uint8Array) => Uint8Array;
}

const asItIs = (capture: Uint8Array): Uint8Array => capture;

/** A server by each of its addresses, in a filter. */
const hosts = (what: string, { addresses }: Scene['online']): string =>
  `(${addresses.map((address) => `${what} ${address}`).join(' or ')})`;

/** Requests, answers and copies pass the online server's device. @param port of clients; all by default */
export function onlinePlace(lab: RunningLab, scene: Scene, port?: number): Place {
  const { online, test } = scene;
  const copied = `(tcp port ${online.port} and ${hosts('host', online)})`;
  const programs = online.addresses.map(
    (address) => `(src host ${address}${programsOf(address, scene.ownCopies, 'src')})`,
  );
  const copies = `(${hosts('dst host', test)} and tcp dst port ${test.port} and not (${programs.join(' or ')}))`;
  const one = port === undefined ? '' : ` and tcp port ${port}`;
  return {
    node: lab.node(online.name),
    device: sceneDevice(online),
    filter: `(${copied} or ${copies})${one}`,
    read: asItIs,
  };
}

/** Copies that are played on the test server itself. */
export const arrivalPlace = (lab: RunningLab, { test }: Scene): Place => ({
  node: lab.node(test.name),
  device: 'lo',
  filter: `${hosts('dst host', test)} and tcp dst port ${test.port}`,
  read: asItIs,
});

interface ResponsesWanted {
  readonly port?: number;
  readonly device?: string;
  readonly chain?: string;
}

/**
 * Responses reach an assistant by its device. Those that a queue catches leave no device, so a rule before the guard logs
 * them; it decides on nothing, and takes next to nothing while nobody listens.
 *
 * @param group number of the log, which one tap alone can listen to
 * @param device by which they are to leave the test server
 * @param chain in the table raw, which they pass already; without one they are looked for among all that leaves
 * @throws Error when the kernel has no such rule
 */
export async function responsePlaces(
  lab: RunningLab,
  scene: Scene,
  undoings: Undoings,
  group: number,
  { port, device = sceneDevice(scene.test), chain }: ResponsesWanted = {},
): Promise<Place[]> {
  const { test, assistants } = scene;
  if (assistants.length > 0) {
    const one = port === undefined ? '' : ` and tcp dst port ${port}`;
    const filter = `${hosts('src host', test)} and tcp src port ${test.port}${one}`;
    return assistants.map((assistant) => ({
      node: lab.node(assistant.name),
      device: sceneDevice(assistant),
      filter,
      read: asItIs,
    }));
  }
  for (const watched of responses(scene)) {
    const watch = {
      ...watched,
      node: test.name,
      hook: 'OUTPUT' as const,
      device,
      ...(port !== undefined && { destinationPort: port }),
    };
    const words = (action: string): string[] => [
      ...[iptablesFor(watch), '-w', '-t', 'raw', action],
      ...(chain === undefined ? matchOf(watch) : [chain]),
      ...['-j', 'NFLOG', '--nflog-group', String(group), '--nflog-threshold', '1'],
    ];
    undoings.get(test.name)!.add(words('-D').join(' '));
    const { exitCode, stderr } = await lab.node(test.name).exec(words('-I'));
    if (exitCode !== 0) throw new Error(stderr.toString().trim());
  }
  return [{ node: lab.node(test.name), device: `nflog:${group}`, read: unlogged }];
}

/**
 * What leaves the test server for others than its passlist and its assistants; and what of it leaves an assistant, where
 * it must end. Of a copy that works there is no such frame, so that these taps have nothing to do. (A tap on the bridge
 * would see the same, but makes the kernel copy every frame that passes.)
 */
export function leakPlaces(lab: RunningLab, { test, passlist, ownCopies, assistants }: Scene): Place[] {
  const allowed = passlist.map(
    (address) => ` and not (dst host ${address}${programsOf(address, ownCopies, 'dst')})`,
  );
  const ends = assistants.flatMap(({ hardware, by }) => [hardware, ...by.map((router) => router.hardware)]);
  const caught = [...new Set(ends)].map((hardware) => ` and not ether dst ${hardware}`);
  const place = (seen: SceneNode, filter: string): Place => ({
    node: lab.node(seen.name),
    device: sceneDevice(seen),
    filter: `outbound and not arp and not udp and ${filter}`,
    read: asItIs,
  });
  return [
    // Of IPv6 also who asks for neighbours and is answered, which leaves no frame of a connection: only its TCP and its errors.
    place(
      test,
      `(ip or tcp or (icmp6 and (ip6[40] < 128 or ip6[40] == 137)))${[...allowed, ...caught].join('')}`,
    ),
    ...assistants.map((assistant) => place(assistant, hosts('src host', test))),
  ];
}

/** Of an address on the passlist, what is no copy's. */
const programsOf = (address: string, ownCopies: Scene['ownCopies'], end: 'src' | 'dst'): string =>
  ownCopies
    .filter((own) => formatAddress(own.address) === address)
    .map(({ ports: { first, last } }) => ` and not ${end} portrange ${first}-${last}`)
    .join('');
