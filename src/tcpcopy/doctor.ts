/** `tcpcopy doctor`: what this machine, the intercepts and the clients' packets show. */
import { performance } from 'node:perf_hooks';
import { devicesAmong } from '../capture/devices';
import { coreWait_ns } from '../doctor/collect/core-wait';
import { collectMachine, connectionsOf, neighbourOn, wayTo } from '../doctor/collect/machine';
import { diagnose } from '../doctor/diagnosis';
import type { MachineFacts, TcpcopyFacts } from '../doctor/facts';
import type { Doctor } from '../doctor/run';
import { tcpcopyChecks } from '../doctor/tcpcopy-checks';
import { localPortRange } from '../kernel/local-ports';
import { openKernel } from '../kernel/kernel';
import { HeldPorts } from '../kernel/netlink/held-ports';
import { localAddresses } from '../kernel/netlink/local-addresses';
import { portsIn } from '../passlist/port-range';
import { PORTS_PER_ADDRESS } from '../session/tables/source-endpoints';
import { formatAddress } from '../wire/address/address';
import type { Route } from '../wire/reply';
import { askIntercept } from './ask-intercept';
import { keysOf } from './copying/keys';
import { endpointsOf, guardedBy } from './options/intercepts';
import type { TcpcopyOptions } from './options/options';
import { scopeOf, tcpcopyProgram } from './program';
import { watchClients } from './watch-clients';

export const tcpcopyDoctor: Doctor<TcpcopyOptions> = {
  program: 'tcpcopy',
  specs: [],
  examples: [
    'tcpcopy doctor -x 80-198.18.10.30:8080 -s 198.18.10.20',
    'tcpcopy doctor -x 80-198.18.10.30:8080 --seconds 10 --json',
  ],
  parse: (argv) => tcpcopyProgram.parse(argv),
  diagnose: async (options, { watch_ms }) => diagnose(tcpcopyChecks, await factsFor(options, watch_ms)),
};

/** A packet of any length is copied. */
const NO_LIMIT_BYTES = 0xffff;

async function factsFor(options: TcpcopyOptions, watch_ms: number): Promise<TcpcopyFacts> {
  const { engine, source } = options;
  const keys = keysOf(options);
  const live = source.kind === 'live' ? source : undefined;
  const transfers = engine.transfers.map(
    ({ onlineAddress, onlineFamily, onlinePort, testAddress, testPort }) => ({
      onlineAddress: onlineAddress === undefined ? undefined : formatAddress(onlineAddress),
      onlineFamily,
      onlinePort,
      testAddress: formatAddress(testAddress),
      testPort,
    }),
  );
  const servers = [...new Set(transfers.map(({ testAddress }) => testAddress))];
  const asked = collectMachine();
  const [machine, coreWait, clients, control, traffic, ...routes] = await Promise.all([
    asked,
    asked.then(watchCore),
    live && !live.mirrored ? connectionsOf(transfers.map(({ onlinePort }) => onlinePort)) : [],
    Promise.all(
      options.intercepts.map((intercept) =>
        askIntercept(intercept, guardedBy(intercept, options.intercepts, engine.transfers), keys),
      ),
    ),
    live && watchClients(scopeOf(options, live), live.capture.devices, asked, watch_ms),
    ...servers.map(async (server) => [server, await wayTo(server)] as const),
  ]);
  const ways = new Map(routes);
  // Asked last: the control channel has asked for its neighbour by then.
  const neighbours = await Promise.all(
    [...ways].map(async ([server, way]) => [server, await neighbourOn(way, server)] as const),
  );
  return {
    machine,
    transfers,
    offline: !live,
    mirrored: live?.mirrored === true,
    absentAddresses: live && !live.mirrored ? absentOf(options) : [],
    captureDevices: live ? devicesAmong(live.capture.devices) : [],
    packetMax_bytes: live?.capture.packetMax_bytes ?? NO_LIMIT_BYTES,
    mtu_bytes: engine.mtu_bytes ?? NO_LIMIT_BYTES,
    sourceAddresses: (engine.sourceAddresses ?? []).map(formatAddress),
    copies: engine.copies ?? 1,
    own: engine.own && { ...engine.own, givenOut: localPortRange(), used: usedPorts(engine) },
    portsPerAddress: engine.own ? portsIn(engine.own.ports) : PORTS_PER_ADDRESS,
    clients,
    ways,
    neighbours: new Map(
      neighbours.flatMap(([server, state]) => (state === undefined ? [] : [[server, state]])),
    ),
    control,
    traffic,
    coreWait_percent: coreWait(),
  };
}

/** What programs have open to the test servers from the ports of own copies. */
function usedPorts({ own, transfers }: TcpcopyOptions['engine']): Route[] {
  if (!own) return [];
  try {
    const held = new HeldPorts(openKernel(), own.ports.first, own.ports.last);
    const used = held.connectionsTo(endpointsOf(transfers));
    held.close();
    return used;
  } catch {
    return []; // tcpcopy itself says so, and does not start
  }
}

/** @returns what says how much of the time since then the running tcpcopy waited for a core */
function watchCore({ programs }: MachineFacts): () => number | undefined {
  const pid = programs.find(({ name }) => name === 'tcpcopy')?.pid;
  const before_ns = pid === undefined ? undefined : coreWait_ns(pid);
  const from_ms = performance.now();
  return () => {
    const now_ns = pid === undefined ? undefined : coreWait_ns(pid);
    if (now_ns === undefined || before_ns === undefined) return undefined;
    return (now_ns - before_ns) / ((performance.now() - from_ms) * 1e4);
  };
}

function absentOf({ engine }: TcpcopyOptions): string[] {
  const local = localAddresses();
  return engine.transfers.flatMap(({ onlineAddress }) =>
    onlineAddress === undefined || local.has(onlineAddress) ? [] : [formatAddress(onlineAddress)],
  );
}
