/** `tcpcopy doctor`: what this machine, the intercepts and the clients' packets show. */
import { devicesFor } from '../capture/devices';
import { openCapture } from '../capture/open';
import { clientPackets } from '../capture/request';
import { collectMachine, connectionsOf, neighbourOn, wayTo } from '../doctor/collect/machine';
import { diagnose } from '../doctor/diagnosis';
import type { TcpcopyFacts, Traffic } from '../doctor/facts';
import type { Doctor } from '../doctor/run';
import { tcpcopyChecks } from '../doctor/tcpcopy-checks';
import { localAddresses } from '../kernel/local-addresses';
import { PORTS_PER_ADDRESS } from '../session/tables/source-endpoints';
import { formatAddress } from '../wire/flow';
import type { SegmentView } from '../wire/segment';
import { guardedBy } from './guarded';
import { askIntercept } from './ask-intercept';
import type { TcpcopyOptions } from './options';
import { tcpcopyProgram } from './program';

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
  const { engine } = options;
  const transfers = engine.transfers.map(({ onlineAddress, onlinePort, testAddress, testPort }) => ({
    onlineAddress: onlineAddress === undefined ? undefined : formatAddress(onlineAddress),
    onlinePort,
    testAddress: formatAddress(testAddress),
    testPort,
  }));
  const servers = [...new Set(transfers.map(({ testAddress }) => testAddress))];
  const offline = options.replay !== undefined;
  const [machine, clients, control, traffic, ...routes] = await Promise.all([
    collectMachine(),
    offline ? [] : connectionsOf(transfers.map(({ onlinePort }) => onlinePort)),
    Promise.all(
      options.intercepts.map((intercept) =>
        askIntercept(intercept, guardedBy(intercept, options.intercepts, engine.transfers)),
      ),
    ),
    offline ? undefined : watchClients(options, watch_ms),
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
    offline,
    captureDevices: offline ? [] : captureDevicesOf(options),
    packetMax_bytes: options.capture.packetMax_bytes ?? NO_LIMIT_BYTES,
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
  };
}

const scopeOf = ({ engine }: TcpcopyOptions) => ({
  endpoints: engine.transfers.map(({ onlineAddress, onlinePort }) => ({
    address: onlineAddress,
    port: onlinePort,
  })),
  loopback: engine.loopbackAddress !== undefined,
});

function captureDevicesOf(options: TcpcopyOptions): readonly string[] | undefined {
  if (options.capture.devices) return options.capture.devices;
  try {
    return devicesFor(scopeOf(options), localAddresses());
  } catch {
    return undefined;
  }
}

/** A packet of any length is seen. */
const WISHES = { filter: undefined, buffer_bytes: 4 * 1024 * 1024, packetMax_bytes: NO_LIMIT_BYTES };

/** Counts, on every device there is, what clients say to the copied ports. */
async function watchClients(options: TcpcopyOptions, watch_ms: number): Promise<Traffic | undefined> {
  const local = localAddresses();
  const scope = scopeOf(options);
  const byDevice = new Map<string, number>();
  let payloads = 0;
  let tlsRecords = 0;
  const devices = [
    ...new Set(local.filter((one) => scope.loopback || !one.loopback).map(({ device }) => device)),
  ];
  const seen = (device: string, view: SegmentView): void => {
    byDevice.set(device, (byDevice.get(device) ?? 0) + 1);
    if (view.payloadLength === 0) return;
    payloads += 1;
    if (isTlsRecord(view)) tlsRecords += 1;
  };
  const captures = [];
  try {
    for (const device of devices)
      captures.push(
        openCapture('auto', clientPackets(scope, { ...WISHES, devices: [device] }, local), {
          segment: (view) => seen(device, view),
          lost: () => undefined,
          found: () => undefined,
        }),
      );
    await new Promise((resolve) => setTimeout(resolve, watch_ms));
  } catch {
    return undefined;
  } finally {
    for (const capture of captures) capture.close();
  }
  return { watched_ms: watch_ms, byDevice, payloads, tlsRecords };
}

/** RFC 8446, section 5.1: type 20 to 23, then the version, whose first byte is 3. */
function isTlsRecord({ bytes, payloadOffset, payloadLength }: SegmentView): boolean {
  const type = bytes[payloadOffset]!;
  return payloadLength > 5 && type >= 20 && type <= 23 && bytes[payloadOffset + 1] === 3;
}
