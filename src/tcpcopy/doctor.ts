/** `tcpcopy doctor`: what this machine, the intercepts and the clients' packets show. */
import { devicesAmong } from '../capture/devices';
import { openCapture } from '../capture/open';
import { clientPackets } from '../capture/request';
import type { CaptureSource } from '../capture/source';
import { coreWait_ns } from '../doctor/collect/core-wait';
import { collectMachine, connectionsOf, neighbourOn, wayTo } from '../doctor/collect/machine';
import { diagnose } from '../doctor/diagnosis';
import type { MachineFacts, TcpcopyFacts, Traffic } from '../doctor/facts';
import type { Doctor } from '../doctor/run';
import { tcpcopyChecks } from '../doctor/tcpcopy-checks';
import { localAddresses } from '../kernel/netlink/local-addresses';
import { PORTS_PER_ADDRESS } from '../session/tables/source-endpoints';
import { formatAddress } from '../wire/flow';
import type { SegmentView } from '../wire/segment';
import { askIntercept } from './ask-intercept';
import { guardedBy } from './options/intercepts';
import type { LiveSource } from './options/live';
import type { TcpcopyOptions } from './options/options';
import { scopeOf, tcpcopyProgram } from './program';

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
  const live = source.kind === 'live' ? source : undefined;
  const transfers = engine.transfers.map(({ onlineAddress, onlinePort, testAddress, testPort }) => ({
    onlineAddress: onlineAddress === undefined ? undefined : formatAddress(onlineAddress),
    onlinePort,
    testAddress: formatAddress(testAddress),
    testPort,
  }));
  const servers = [...new Set(transfers.map(({ testAddress }) => testAddress))];
  const asked = collectMachine();
  const [machine, coreWait, clients, control, traffic, ...routes] = await Promise.all([
    asked,
    asked.then(watchCore),
    live ? connectionsOf(transfers.map(({ onlinePort }) => onlinePort)) : [],
    Promise.all(
      options.intercepts.map((intercept) =>
        askIntercept(intercept, guardedBy(intercept, options.intercepts, engine.transfers)),
      ),
    ),
    live && watchClients(options, live, asked, watch_ms),
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
    absentAddresses: live ? absentOf(options) : [],
    captureDevices: live ? devicesAmong(live.capture.devices) : [],
    packetMax_bytes: live?.capture.packetMax_bytes ?? NO_LIMIT_BYTES,
    mtu_bytes: engine.mtu_bytes ?? NO_LIMIT_BYTES,
    sourceAddresses: (engine.sourceAddresses ?? []).map(formatAddress),
    copies: engine.copies ?? 1,
    portsPerAddress: PORTS_PER_ADDRESS,
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

/** A packet of any length is seen. */
const WISHES = { filter: undefined, buffer_bytes: 4 * 1024 * 1024, packetMax_bytes: NO_LIMIT_BYTES };

/** Counts what clients say to the copied ports: where it is captured, and where some devices are named, on all others. */
async function watchClients(
  options: TcpcopyOptions,
  live: LiveSource,
  machine: Promise<MachineFacts>,
  watch_ms: number,
): Promise<Traffic | undefined> {
  const named = devicesAmong(live.capture.devices);
  const devices = named ? (await machine).devices : [];
  const others = named
    ? devices.filter(({ name, up, loopback }) => up && !loopback && !named.includes(name))
    : [];
  const present = named?.filter((name) => devices.some((device) => device.name === name));
  const elsewhere = new Map<string, number>();
  let captured = 0;
  let payloads = 0;
  let tlsRecords = 0;
  const open = (where: readonly string[] | undefined, count: () => void): CaptureSource =>
    openCapture('auto', clientPackets(scopeOf(options), { ...WISHES, devices: where }), {
      segment: (view) => {
        count();
        if (view.payloadLength === 0) return;
        payloads += 1;
        if (isTlsRecord(view)) tlsRecords += 1;
      },
      lost: () => undefined,
      found: () => undefined,
    });
  const captures: CaptureSource[] = [];
  try {
    captures.push(open(present, () => void (captured += 1)));
    for (const { name } of others)
      captures.push(open([name], () => elsewhere.set(name, (elsewhere.get(name) ?? 0) + 1)));
    await new Promise((resolve) => setTimeout(resolve, watch_ms));
  } catch {
    return undefined;
  } finally {
    for (const capture of captures) capture.close();
  }
  return { watched_ms: watch_ms, captured, elsewhere, payloads, tlsRecords };
}

/** RFC 8446, section 5.1: type 20 to 23, then the version, whose first byte is 3. */
function isTlsRecord({ bytes, payloadOffset, payloadLength }: SegmentView): boolean {
  const type = bytes[payloadOffset]!;
  return payloadLength > 5 && type >= 20 && type <= 23 && bytes[payloadOffset + 1] === 3;
}
