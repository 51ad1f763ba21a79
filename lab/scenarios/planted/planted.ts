/** Leaks that are planted on purpose, from one frame to many; the detector must find each, and call it by its name. */
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { Exposure } from '../../verify/leaks/audit';
import type { LeakName } from '../../verify/leaks/leak-names';
import { startPart } from '../stage/parts';
import type { Architecture } from '../stage/scenario';
import {
  arpRequest,
  fragmentOf,
  icmpAbout,
  ipv4Frame,
  ipv6Frame,
  segment,
  taggedFrame,
  type Link,
} from './frames';
import type { Ground } from './ground';

export interface PlantedLeak {
  /** Unique. */
  readonly name: string;
  readonly architecture: Architecture;
  /** What the detector must call it; an exposure is told, and decides nothing. */
  readonly found: { readonly leak: LeakName } | { readonly exposure: Exposure['kind'] };
  plant(ground: Ground): Promise<void>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const DEVICE = 'planted0';
const VLAN = 7;
const FORGED = '02:00:00:00:00:99';

const toClient = (ground: Ground): Link => ground.link(ground.test, ground.client);
const response = ({ copied, clientEnd }: Ground, flags = PSH | ACK, payload = ANSWER): Uint8Array =>
  segment(copied, clientEnd, flags, payload);
const rule = ({ scene }: Ground): string => `OUTPUT -p tcp --sport ${scene.test.port} -j NFQUEUE`;

/** A single segment of the copied port, sent to a client from the test server. */
const single = (name: string, leak: LeakName, flags: number, payload = ''): PlantedLeak => ({
  name,
  architecture: 'traditional',
  found: { leak },
  plant: (ground) => ground.send(ground.test, ipv4Frame(toClient(ground), response(ground, flags, payload))),
});

/** The same to the online server, which has no such connection. */
const toOnline = (name: string, leak: LeakName, flags: number): PlantedLeak => ({
  name,
  architecture: 'traditional',
  found: { leak },
  plant: (ground) => {
    const end = { address: ground.online.definition.address, port: 9_998 };
    const link = ground.link(ground.test, ground.online);
    return ground.send(ground.test, ipv4Frame(link, segment(ground.copied, end, flags)));
  },
});

/** An ICMP error of the test server to a client, about a copy. */
const icmp = (name: string, leak: LeakName, type: number, code: number): PlantedLeak => ({
  name,
  architecture: 'traditional',
  found: { leak },
  plant: (ground) => {
    const { copied, clientEnd } = ground;
    const copy = segment(clientEnd, copied, SYN);
    const error = icmpAbout(copy, copied.address, clientEnd.address, { type, code });
    return ground.send(ground.test, ipv4Frame(toClient(ground), error));
  },
});

const frame = (
  name: string,
  found: PlantedLeak['found'],
  make: (ground: Ground) => Uint8Array,
  architecture: Architecture = 'traditional',
): PlantedLeak => ({
  name,
  architecture,
  found,
  plant: (ground) => ground.send(ground.test, make(ground)),
});

export const plantedLeaks: readonly PlantedLeak[] = [
  single('one data segment', 'data', PSH | ACK, ANSWER),
  single('one SYN-ACK', 'syn-ack', SYN | ACK),
  single('one FIN', 'fin', FIN | ACK),
  single('one reset', 'reset', RST),
  single('one acknowledgment', 'acknowledgment', ACK),
  {
    name: 'one retransmission',
    architecture: 'traditional',
    found: { leak: 'retransmission' },
    async plant(ground) {
      for (let turn = 0; turn < 2; turn += 1)
        await ground.send(ground.test, ipv4Frame(toClient(ground), response(ground)));
    },
  },
  toOnline('a reset to the online server', 'reset', RST),
  toOnline('a SYN-ACK to the online server', 'syn-ack', SYN | ACK),
  icmp('ICMP port unreachable', 'icmp-unreachable', 3, 3),
  icmp('ICMP host unreachable', 'icmp-unreachable', 3, 1),
  icmp('ICMP time exceeded', 'icmp-time-exceeded', 11, 0),
  {
    name: 'ICMP host unreachable from the online server',
    architecture: 'traditional',
    found: { leak: 'icmp-unreachable' },
    plant: (ground) => {
      const { online, client, copied, clientEnd } = ground;
      const copy = segment(clientEnd, copied, PSH | ACK, 'GET / HTTP/1.1\r\n\r\n');
      const error = icmpAbout(copy, online.definition.address, clientEnd.address, { type: 3, code: 1 });
      return ground.send(online, ipv4Frame(ground.link(online, client), error));
    },
  },
  frame('a first fragment', { leak: 'fragment' }, (ground) =>
    ipv4Frame(toClient(ground), fragmentOf(response(ground), 0)),
  ),
  frame('a later fragment', { leak: 'fragment' }, (ground) =>
    ipv4Frame(toClient(ground), fragmentOf(response(ground), 3)),
  ),
  frame('a segment in a VLAN', { leak: 'data' }, (ground) =>
    taggedFrame(toClient(ground), VLAN, response(ground)),
  ),
  frame('a segment with a forged hardware address', { leak: 'data' }, (ground) =>
    ipv4Frame({ ...toClient(ground), source: FORGED }, response(ground)),
  ),
  frame('a segment under another address of the test server', { leak: 'data' }, (ground) => {
    const other = { ...ground.copied, address: ground.scene.broadcast.replace(/\d+$/, '77') };
    return ipv4Frame(toClient(ground), segment(other, ground.clientEnd, PSH | ACK, ANSWER));
  }),
  frame('a segment over IPv6', { leak: 'ipv6-segment' }, (ground) =>
    ipv6Frame(toClient(ground), 6, response(ground).subarray(20)),
  ),
  frame('an ICMPv6 error', { leak: 'ipv6-icmp-error' }, (ground) =>
    ipv6Frame(toClient(ground), 58, Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 0)),
  ),
  {
    name: 'a segment on another device',
    architecture: 'traditional',
    found: { leak: 'data' },
    async plant(ground) {
      const { test } = ground;
      await ground.shell(test, `ip link add ${DEVICE} type veth peer name planted1`);
      try {
        await ground.shell(test, `ip link set ${DEVICE} up && ip link set planted1 up`);
        await ground.send(test, ipv4Frame(toClient(ground), response(ground)), DEVICE);
      } finally {
        await ground.shell(test, `ip link del ${DEVICE}`);
      }
    },
  },
  frame('an ARP request for a client', { exposure: 'arp-request' }, (ground) =>
    arpRequest(
      { ...toClient(ground), destination: 'ff:ff:ff:ff:ff:ff' },
      ground.copied.address,
      ground.clientEnd.address,
    ),
  ),
  frame('an IPv6 neighbour solicitation', { exposure: 'neighbour-solicitation' }, (ground) =>
    ipv6Frame(
      toClient(ground),
      58,
      Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0, ...new Uint8Array(16).fill(0xfe)),
    ),
  ),
  frame(
    'a response past the assistant',
    { leak: 'data' },
    (ground) => ipv4Frame(toClient(ground), response(ground)),
    'data-link',
  ),
  {
    name: 'a response that the assistant lets on',
    architecture: 'data-link',
    found: { leak: 'data' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      return ground.send(assistant, ipv4Frame(ground.link(assistant, ground.client), response(ground)));
    },
  },
  {
    name: 'an ICMP redirect of the assistant to a client',
    architecture: 'data-link',
    found: { leak: 'icmp-redirect' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      const { address } = ground.clientEnd;
      const error = icmpAbout(response(ground), assistant.definition.address, address, { type: 5, code: 1 });
      return ground.send(assistant, ipv4Frame(ground.link(assistant, ground.client), error));
    },
  },
  {
    name: 'an ICMP redirect of the assistant to the test server',
    architecture: 'data-link',
    found: { exposure: 'redirect' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      const { address } = ground.copied;
      const error = icmpAbout(response(ground), assistant.definition.address, address, { type: 5, code: 1 });
      return ground.send(assistant, ipv4Frame(ground.link(assistant, ground.test), error));
    },
  },
  {
    name: 'many: the rule is gone for 300 ms',
    architecture: 'traditional',
    found: { leak: 'data' },
    plant: async (ground) => {
      await ground.shell(
        ground.test,
        `iptables -w -D ${rule(ground)}; sleep 0.3; iptables -w -I ${rule(ground)}`,
      );
    },
  },
  {
    name: 'many: --queue-bypass, and a dead intercept',
    architecture: 'traditional',
    found: { leak: 'data' },
    async plant(ground) {
      await ground.shell(
        ground.test,
        `iptables -w -I ${rule(ground)} --queue-bypass && pkill -KILL -x intercept; sleep 0.3; iptables -w -D ${rule(ground)} --queue-bypass`,
      );
      await startPart(ground.lab, 'intercept');
    },
  },
];
