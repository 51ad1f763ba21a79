/** A load of the user's own, played under the taps; and what is asked where no request is known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { playOwnLoad } from '../../engine/services/own-load';
import type { RunningLab } from '../../engine/commands/lab';
import { addedUp, latencyOf, type LoadSummary } from '../../load/summary';
import type { TopologyLoad } from '../../topology/servers/load';
import { growthOf, type ProgramCounters } from '../evidence/copy-state';
import type { OwnLoad } from '../evidence/evidence';
import type { Scene, SceneNode } from '../evidence/scene';
import { settle, type SettleOptions } from './settle';
import { collectAllCounters } from './state';
import { VerifyError } from './errors';

const CONNECTED_WITHIN_S = 3;
/** Until tcpcopy has been handed what its kernel has captured. */
const CAPTURED_WITHIN_MS = 200;

/** @throws VerifyError where it is not known what clients say, and nobody has said it */
export function ownLoadOf({ topology }: RunningLab, { online }: Scene): TopologyLoad {
  if (topology.load) return topology.load;
  throw new VerifyError(
    'LOAD_UNUSABLE',
    `It is not known what clients say to ${online.name}:${online.port}, so the lab has no load of its own for it.`,
    "Say it where the server is (protocol: 'http' or 'redis'), or give the topology a load of your own.",
  );
}

export async function playOwn(
  lab: RunningLab,
  load: TopologyLoad,
  run: string,
  signal: AbortSignal,
): Promise<OwnLoad> {
  const result = await playOwnLoad(lab, load, signal);
  return { protocol: 'bytes', run, argv: load.run, node: load.node, ...result };
}

/** Prints its own port when it is connected. */
const CONNECT = `const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port }, () => { console.log(socket.localPort); socket.end(); });
socket.resume();`;

/** The online server's own use of the test server: a connection, in which it says nothing. */
export async function connectDirectly(lab: RunningLab, { online, test }: Scene): Promise<LoadSummary> {
  return addedUp(await Promise.all(test.addresses.map((host) => connectTo(lab, online, host, test.port))));
}

async function connectTo(
  lab: RunningLab,
  online: SceneNode,
  host: string,
  port: number,
): Promise<LoadSummary> {
  const began_ms = performance.now();
  const connect = ['/opt/tcpcopy-lab/bin/node', '-e', CONNECT, host, String(port)];
  const { stdout } = await lab.node(online.name).exec(['timeout', String(CONNECTED_WITHIN_S), ...connect]);
  const ports = [...stdout.toString().matchAll(/^\d+$/gm)].map(([port]) => Number(port));
  const reason = `no connection within ${CONNECTED_WITHIN_S} s`;
  return {
    sent: 1,
    answered: ports.length,
    connections: ports.length,
    ports,
    failed: ports.length > 0 ? [] : [{ identity: 'a connection', reason }],
    duration_ms: Math.round(performance.now() - began_ms),
    latency: latencyOf([]),
  };
}

/**
 * Waits until all that was captured has been sent, as long as there is progress. Programs that do not count are given the
 * whole time.
 */
export async function settleCopy(
  lab: RunningLab,
  scene: Scene,
  earlier: ProgramCounters,
  options: SettleOptions,
  signal: AbortSignal,
): Promise<void> {
  await sleep(CAPTURED_WITHIN_MS, undefined, { signal });
  const ask = async () => growthOf(earlier, (await collectAllCounters(lab, scene)).tcpcopy);
  const captured = (await ask())['requests_captured'] ?? Infinity;
  await settle(async () => doneIn(await ask()), captured, options, signal);
}

/** Requests that wait no more. */
function doneIn(growth: Readonly<Record<string, number>>): number {
  return Object.entries(growth).reduce(
    (sum, [name, count]) => (/^requests_(?:sent|given_up_.+)$/.test(name) ? sum + count : sum),
    0,
  );
}
