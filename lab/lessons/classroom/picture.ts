/** What a step is shown with when it is done: drawn from what the lab is, or from frames of what it has just done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { contains, parseSubnet, placeOf } from '../../topology/addresses';
import { addressesOf } from '../../topology/ways';
import type { LabNode } from '../../engine/commands/lab';
import { controlPort } from '../../plan/parts';
import { collectCounters } from '../../verify/collect/state';
import { printedRule } from '../../../src/firewall/print';
import { arrowsOf, sightingsIn, type NodesOf, type Sighting } from '../pictures/arrows';
import { drawArrows } from '../pictures/draw';
import type { Classroom, Look } from './classroom';

export type Picture = (look: Look) => Promise<string>;

const INDENT = ' '.repeat(9);

/** A capture file that was made in a node: its segments between these nodes. */
export const captured =
  (node: string, file: string, nodes: readonly string[], most = 24): Picture =>
  async ({ room }) => {
    const nodesOf = nodesIn(room);
    const all = sightingsIn(await room.lab.node(node).readFile(file));
    const shown = all.filter((one) => nodesOf(one)?.every((name) => nodes.includes(name)));
    const left = shown.length - most;
    return [
      drawArrows(
        nodes.map((name) => [name, room.places[name] ?? '']),
        arrowsOf(shown.slice(0, most), nodesOf),
      ),
      ...(left > 0 ? [`${INDENT}… ${left} more`] : []),
    ].join('\n');
  };

const FILE = '/tmp/lesson-picture.pcap';
/** Longer than a copy takes, and than what is told again after a lost segment. */
const SETTLE_MS = 500;
const MOST = 40;

/** One more request, and its copy, as they pass the client's and the test server's devices. */
export const oneRequest: Picture = async (look) => {
  const { lab, scene } = look.room;
  const { online, test, assistants, clients } = scene;
  const client = lab.node(clients[0]!.name);
  const testNode = lab.node(test.name);
  const before = await caughtBy(look);
  const [own, copied] = await tapped(
    [
      [client, `tcp port ${online.port} or tcp port ${test.port}`],
      [testNode, `tcp port ${test.port} and not host ${online.address}`],
    ],
    async () => {
      await client.exec(['curl', '-s', '-m', '3', `http://${online.address}:${online.port}/picture`]);
      await sleep(SETTLE_MS);
    },
  );
  const caught = (await caughtBy(look)) - before;
  const ofCopies = new Set(copied);
  const nodesOf = nodesIn(look.room);
  // What comes to the test server under a client's address, tcpcopy has sent.
  const nodes: NodesOf = (one) =>
    ofCopies.has(one) && one.destination === test.address ? [online.name, test.name] : nodesOf(one);
  const all = [...own!, ...copied!].sort((a, b) => a.time - b.time).slice(0, MOST);
  const columns = [
    [client.name, client.definition.address],
    [online.name, `${online.address}:${online.port}`],
    [test.name, `${test.address}:${test.port}`],
    ...assistants.map(({ name, address }) => [name, address] as const),
  ] as const;
  return [
    drawArrows(columns, arrowsOf(all, nodes)),
    ...(caught > 0 ? [`${INDENT}${test.name}: ${caught} responses came to the queue, and no further`] : []),
  ].join('\n');
};

/** Responses to copies that came to intercept's queue so far; on an assistant they are seen on the wire. */
async function caughtBy({ room: { lab, scene } }: Look): Promise<number> {
  if (scene.assistants.length > 0) return 0;
  const counters = await collectCounters(lab.node(scene.test.name), 'intercept');
  return Number(counters?.['replies_routed'] ?? 0);
}

/** What passes devices while something is done. */
async function tapped(
  places: readonly (readonly [LabNode, filter: string])[],
  work: () => Promise<void>,
): Promise<Sighting[][]> {
  const taps = await Promise.all(
    places.map(([node, filter]) =>
      node.start(['tcpdump', '-i', 'eth0', '-n', '-U', '--immediate-mode', '-w', FILE, filter]),
    ),
  );
  try {
    while (!taps.every(({ stderr }) => stderr().includes('listening on'))) await sleep(20);
    await work();
    await Promise.all(taps.map((tap) => tap.stop(1_000)));
    return await Promise.all(places.map(async ([node]) => sightingsIn(await node.readFile(FILE))));
  } finally {
    await Promise.all(taps.map((tap) => tap.stop(500)));
    await Promise.all(places.map(([node]) => node.exec(['rm', '-f', FILE])));
  }
}

/** Whose addresses these are. What is sent to an assistant's hardware address goes there, whoever it is for. */
const nodesIn = ({ lab, scene }: Classroom): NodesOf => {
  const nameOf = (address: string): string | undefined =>
    lab.nodes.find(({ definition }) => {
      const range = definition.sources === undefined ? undefined : parseSubnet(definition.sources);
      return (
        addressesOf(definition).includes(address) ||
        (range !== undefined && contains(range, placeOf(address)))
      );
    })?.name;
  return ({ source, destination, toHardware }) => {
    const from = nameOf(source);
    const to = scene.assistants.find(({ hardware }) => hardware === toHardware)?.name ?? nameOf(destination);
    // Under an address that nobody has, tcpcopy speaks.
    if (from === undefined && to === scene.test.name) return [scene.online.name, to];
    return from === undefined || to === undefined ? undefined : [from, to];
  };
};

/** The parts of the copy, and how they stand. */
export const parts: Picture = async (look) => {
  const { scene } = look.room;
  const { online, test, assistants } = scene;
  const [state, counters, findings] = await Promise.all([
    look.state(),
    look.counters(online.name, 'tcpcopy'),
    look.findings(),
  ]);
  const rule = Object.values(state.rules)
    .flatMap((tables) => Object.values(tables))
    .flatMap((table) => table?.rules ?? [])
    .find(({ target }) => target === 'NFQUEUE');
  const sends = counters?.['armed'] === 1 ? 'armed: it copies' : 'it sends nothing';
  const program = (line: string | undefined): string => (line === undefined ? 'does not run' : 'runs');
  const guard =
    assistants.length > 0
      ? assistants.map(({ name, sources }) => `${sources.join(', ')} via ${name}`).join('; ')
      : rule
        ? `${printedRule(rule)}${state.boundQueues.length > 0 ? `, queue ${state.boundQueues.join(', ')} is listened to` : ', nobody listens'}`
        : 'no rule';
  const lines: [string, string][] = [
    [online.name, `${online.address}:${online.port}`],
    ['  │ tcpcopy', `${program(state.tcpcopy)}${state.tcpcopy === undefined ? '' : `, ${sends}`}`],
    ['  │', `port ${controlPort}: ${state.controlConnections > 0 ? 'connected' : 'no connection'}`],
    ['  ▼ intercept', program(state.intercept)],
    [test.name, `${test.address}:${test.port}`],
    ['  └ guard', guard],
    ...findings.map((code): [string, string] => ['      ✗', code]),
  ];
  return lines.map(([left, right]) => `${INDENT}${left.padEnd(16)}${right}`).join('\n');
};

/** What a line of shell prints in a node. */
export const printed =
  (node: string, line: string, most = 12): Picture =>
  async (look) => {
    const lines = (await look.shell(node, line)).said.split('\n').slice(0, most);
    return lines.map((one) => `${INDENT}${one}`).join('\n');
  };
