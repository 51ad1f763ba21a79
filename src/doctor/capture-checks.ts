/** Why nothing, or not all, of what clients say may be captured. */
import { isLinkLocal, isLoopback, parseAddress, FAMILIES } from '../wire/address/address';
import { counted, ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { Connection, Device, Passing, TcpcopyFacts, Transfer } from './facts';
import { endpointText, familyOfText, ipOf } from './families';

const onlinePorts = (transfers: readonly Transfer[]): number[] => [
  ...new Set(transfers.map(({ onlinePort }) => onlinePort)),
];

/** A capture file has none of these questions. */
const live = (check: Check<TcpcopyFacts>): Check<TcpcopyFacts> => ({
  ...check,
  find: (facts) => (facts.offline ? [] : check.find(facts)),
});

const onlineAddress: Check<TcpcopyFacts> = {
  id: 'online-address',
  find({ machine: { devices }, transfers, mirrored, absentAddresses: absent }) {
    const own = devices.flatMap(({ addresses }) => addresses);
    return transfers.flatMap(({ onlineAddress: address }) => {
      if (address === undefined) return [];
      if (mirrored)
        return [
          ok(
            `${address} is another machine's: what a switch sends here of it is copied, and it is not waited for`,
          ),
        ];
      if (!absent.includes(address)) return [ok(`${address} is this machine's`)];
      return [
        wrong(
          'online-address-not-local',
          `-x copies what is for ${address}, which is no address of this machine (${own.join(', ')}): tcpcopy waits for it`,
          `run tcpcopy on the server that has it, or leave the address out of -x; where it is yet to come here, nothing is wrong; where a switch sends that server's packets here too, tcpcopy --mirror -i <device> (behind a load balancer that sends packets on as they are: ${ipOf(familyOfText(address))} addr add ${address}/${familyOfText(address) === 6 ? 128 : 32} dev lo)`,
        ),
      ];
    });
  },
};

const onlineServer: Check<TcpcopyFacts> = {
  id: 'online-server',
  find({ machine: { listeners }, transfers, mirrored }) {
    if (mirrored) return [];
    return onlinePorts(transfers).map((port) => {
      if (!listeners) return unknown(`ss is not installed: who listens on port ${port} cannot be told`);
      const listener = listeners.find((one) => one.port === port);
      if (listener) return ok(`${listener.process ?? 'somebody'} listens on port ${port}`);
      const others = [...new Set(listeners.map((one) => one.port))].sort((a, b) => a - b);
      return wrong(
        'online-port-closed',
        `nobody listens on port ${port} here; there are listeners on ${others.join(', ') || 'no port'}`,
        'start the server, or give the port in -x that clients use (in a container, run tcpcopy in its network namespace)',
      );
    });
  },
};

const captureDevices: Check<TcpcopyFacts> = {
  id: 'capture-device',
  find({ machine: { devices }, captureDevices: wanted }) {
    if (!wanted) return [anyDevice(devices)];
    return wanted.map((name) => {
      const device = devices.find((one) => one.name === name);
      if (!device)
        return wrong(
          'capture-device-missing',
          `there is no device ${name}; there are ${devices.map((one) => one.name).join(', ')}`,
          'name one of these with -i, or leave -i out',
        );
      if (!device.up) return wrong('device-down', `${name} is down`, `ip link set ${name} up`);
      return ok(`${name} is up`);
    });
  },
};

function anyDevice(devices: readonly Device[]): Finding {
  const outer = devices.filter(({ loopback }) => !loopback);
  const [up] = outer.filter((device) => device.up);
  if (up) return ok(`every device is captured on; ${up.name} is up`);
  const [down] = outer;
  return down
    ? wrong('device-down', `${down.name} is down`, `ip link set ${down.name} up`)
    : unknown('there is no device but the loopback device', 'in a container, is this its network namespace?');
}

const traffic: Check<TcpcopyFacts> = {
  id: 'traffic',
  find({ traffic: seen, transfers, captureDevices: wanted, clients }) {
    if (!seen) return [unknown('packets could not be watched')];
    const watched = `in ${(seen.watched_ms / 1000).toFixed(1)} s`;
    if (seen.captured > 0) return [ok(`${counted(seen.captured, 'packet')} of clients ${watched}`)];
    const [elsewhere] = [...seen.elsewhere].find(([, packets]) => packets > 0) ?? [];
    if (elsewhere !== undefined)
      return [
        wrong(
          'captured-elsewhere',
          `clients come in by ${elsewhere}, and not by ${wanted?.join(', ')}`,
          seen.passing ? `tcpcopy --mirror -i ${elsewhere}` : `tcpcopy -i ${elsewhere}, or without -i`,
        ),
      ];
    if (seen.passing) return [mirrorFinding(seen.passing, transfers, wanted ?? [], watched)];
    return [
      unknown(
        `no client said anything ${watched}; ${counted(clients?.length ?? 0, 'connection')} open`,
        'ask again while clients are busy (--seconds 10)',
      ),
    ];
  },
};

/** Why a mirror brings nothing that clients say. */
function mirrorFinding(
  { packets, answers }: Passing,
  transfers: readonly Transfer[],
  devices: readonly string[],
  watched: string,
): Finding {
  const at = devices.join(', ');
  const servers = transfers
    .map(({ onlineAddress = '*', onlinePort }) => endpointText(onlineAddress, onlinePort))
    .join(', ');
  if (answers > 0)
    return wrong(
      'mirror-one-way',
      `${counted(answers, 'packet')} from ${servers} came by ${at} ${watched}, and none to there`,
      "have the switch mirror both directions of that server's port: what it sends to the server is missing",
    );
  const again = 'ask again while clients are busy (--seconds 10)';
  if (packets === 0)
    return wrong(
      'mirror-silent',
      `nothing that is for another machine came by ${at} ${watched}`,
      `have the switch mirror the port of ${servers} to the port that ${at} is on; ${again}`,
    );
  return unknown(
    `${counted(packets, 'packet')} for other machines came by ${at} ${watched}, none of them for ${servers}`,
    `is it that server's port that is mirrored? ${again}`,
  );
}

const addressFamily: Check<TcpcopyFacts> = {
  id: 'address-family',
  find(facts) {
    const { clients, transfers } = facts;
    if (!clients || clients.length === 0) return [];
    const families = FAMILIES.map((family) => ({
      family,
      refused: clients.filter((client) => familyOfText(client.peer) === family && isRefused(facts, client)),
    })).filter(({ refused }) => refused.length > 0);
    if (families.length === 0) return [ok('all clients can be copied, of whichever family they are')];
    return families.map(({ family, refused }) => {
      const [other] = FAMILIES.filter((one) => one !== family);
      const { onlinePort } = transfers.find((one) => one.onlinePort === refused[0]!.localPort)!;
      const target = family === 6 ? '[<IPv6 address of a test server>]' : '<IPv4 address of a test server>';
      return wrong(
        'clients-of-other-family',
        `${refused.length} of ${counted(clients.length, 'connection')} use IPv${family}, and neither a test server nor -c has an address for them`,
        `add a test server of IPv${family} to -x: ${onlinePort}-${target}:<port>; or have their copies come from IPv${other} addresses: -c <ip>,…; or leave these clients out: name this server's IPv${other} address in -x`,
      );
    });
  },
};

/** Neither its own address nor one of `-c` is of the family of the test server that it is copied to. */
function isRefused({ transfers, sourceAddresses }: TcpcopyFacts, { peer, localPort }: Connection): boolean {
  const address = parseAddress(peer);
  // Such are left out for what they are.
  if (address === undefined || isLoopback(address) || isLinkLocal(address)) return false;
  const family = familyOfText(peer);
  const sources = new Set((sourceAddresses.length > 0 ? sourceAddresses : [peer]).map(familyOfText));
  const takers = transfers.filter(
    ({ onlineAddress, onlineFamily = family, onlinePort }) =>
      onlinePort === localPort &&
      onlineFamily === family &&
      (onlineAddress === undefined || familyOfText(onlineAddress) === family),
  );
  return takers.length > 0 && !takers.some(({ testAddress }) => sources.has(familyOfText(testAddress)));
}

const TLS_PORTS = new Set([443, 465, 636, 853, 993, 995, 8443]);
const BEHIND_TLS = 'copy behind what ends TLS: its port to the application is the one for -x';

const encryption: Check<TcpcopyFacts> = {
  id: 'encryption',
  find({ traffic: seen, transfers }) {
    if (seen && seen.tlsRecords > 0)
      return [
        wrong(
          'clients-use-tls',
          `${seen.tlsRecords} of ${counted(seen.payloads, 'payload')} begin as TLS records do: TLS cannot be played again`,
          BEHIND_TLS,
        ),
      ];
    if (seen && seen.payloads > 0) return [ok(`${counted(seen.payloads, 'payload')}, none of them TLS`)];
    return onlinePorts(transfers)
      .filter((port) => TLS_PORTS.has(port))
      .map((port) => unknown(`port ${port} is one for TLS, which cannot be played again`, BEHIND_TLS));
  },
};

/** GRO and GSO hand on packets of up to this size, whatever the device's MTU. */
const MERGED_MAX_BYTES = 0xffff;

const packetLength: Check<TcpcopyFacts> = {
  id: 'packet-length',
  find({ packetMax_bytes }) {
    if (packetMax_bytes >= MERGED_MAX_BYTES)
      return [ok('packets of every length are copied; offload needs no change')];
    return [
      wrong(
        'packets-cut',
        `-S ${packetMax_bytes}: longer packets are not copied, and GRO merges packets to as much as ${MERGED_MAX_BYTES} bytes`,
        'leave -S out',
      ),
    ];
  },
};

export const captureChecks: readonly Check<TcpcopyFacts>[] = [
  onlineAddress,
  onlineServer,
  captureDevices,
  packetLength,
  traffic,
  addressFamily,
  encryption,
].map(live);
