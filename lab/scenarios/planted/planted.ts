/** Leaks that are planted on purpose, from one frame to many; the detector must find each, and call it by its name. */
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { Family } from '../../topology/addresses';
import type { Exposure } from '../../verify/leaks/audit';
import { iptablesFor } from '../../verify/evidence/watch';
import type { LeakName } from '../../verify/leaks/leak-names';
import { startPart } from '../stage/parts';
import type { Architecture } from '../stage/scenario';
import {
  arpRequest,
  fragmentOf,
  icmp as icmpPacket,
  icmpAbout,
  ipFrame,
  segment,
  solicitation,
  taggedFrame,
  withOptions,
  type Link,
} from './frames';
import type { Ground } from './ground';

export interface PlantedLeak {
  /** Unique. */
  readonly name: string;
  readonly architecture: Architecture;
  /** Copies of which it is planted beside; by default of either. */
  readonly family?: Family;
  /** What the detector must call it; an exposure is told, and decides nothing. */
  readonly found: { readonly leak: LeakName } | { readonly exposure: Exposure['kind'] };
  plant(ground: Ground): Promise<void>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const DEVICE = 'planted0';
const VLAN = 7;
/** Documentation addresses (RFC 3849), in labs where nobody has an IPv6 address. */
const NOBODY = '2001:db8::1';
const SOMEBODY = '2001:db8::2';
const FORGED = '02:00:00:00:00:99';

const toClient = (ground: Ground): Link => ground.link(ground.test, ground.client);
const response = ({ copied, clientEnd }: Ground, flags = PSH | ACK, payload = ANSWER): Uint8Array =>
  segment(copied, clientEnd, flags, payload);
const rule = ({ scene }: Ground): string => `OUTPUT -p tcp --sport ${scene.test.port} -j NFQUEUE`;
const iptables = (ground: Ground): string => `${iptablesFor(ground)} -w`;

/** A single segment of the copied port, sent to a client from the test server. */
const single = (name: string, leak: LeakName, flags: number, payload = ''): PlantedLeak => ({
  name,
  architecture: 'traditional',
  found: { leak },
  plant: (ground) => ground.send(ground.test, ipFrame(toClient(ground), response(ground, flags, payload))),
});

/** The same to the online server, which has no such connection. */
const toOnline = (name: string, leak: LeakName, flags: number): PlantedLeak => ({
  name,
  architecture: 'traditional',
  found: { leak },
  plant: (ground) => {
    const end = { address: ground.addressOf(ground.online), port: 9_998 };
    const link = ground.link(ground.test, ground.online);
    return ground.send(ground.test, ipFrame(link, segment(ground.copied, end, flags)));
  },
});

/** Types and codes of RFC 792, and of RFC 4443 and RFC 4861. */
const ICMP = {
  'port unreachable': { 4: { type: 3, code: 3 }, 6: { type: 1, code: 4 } },
  'host unreachable': { 4: { type: 3, code: 1 }, 6: { type: 1, code: 3 } },
  'time exceeded': { 4: { type: 11, code: 0 }, 6: { type: 3, code: 0 } },
  'packet too big': { 4: { type: 3, code: 4 }, 6: { type: 2, code: 0 } },
  redirect: { 4: { type: 5, code: 1 }, 6: { type: 137, code: 0 } },
} as const;
type IcmpWhat = keyof typeof ICMP;

/** An ICMP error of the test server to a client, about a copy. */
const icmp = (what: IcmpWhat, leak: LeakName, family?: Family): PlantedLeak => ({
  name: `ICMP ${what}`,
  architecture: 'traditional',
  ...(family !== undefined && { family }),
  found: { leak },
  plant: (ground) => {
    const { copied, clientEnd } = ground;
    const copy = segment(clientEnd, copied, SYN);
    const error = icmpAbout(copy, copied.address, clientEnd.address, ICMP[what][ground.family]);
    return ground.send(ground.test, ipFrame(toClient(ground), error));
  },
});

const frame = (
  name: string,
  found: PlantedLeak['found'],
  make: (ground: Ground) => Uint8Array,
  { architecture = 'traditional', family }: { architecture?: Architecture; family?: Family } = {},
): PlantedLeak => ({
  name,
  architecture,
  ...(family !== undefined && { family }),
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
        await ground.send(ground.test, ipFrame(toClient(ground), response(ground)));
    },
  },
  toOnline('a reset to the online server', 'reset', RST),
  toOnline('a SYN-ACK to the online server', 'syn-ack', SYN | ACK),
  icmp('port unreachable', 'icmp-unreachable'),
  icmp('host unreachable', 'icmp-unreachable'),
  icmp('time exceeded', 'icmp-time-exceeded'),
  icmp('packet too big', 'icmp-error', 6),
  {
    name: 'ICMP host unreachable from the online server',
    architecture: 'traditional',
    found: { leak: 'icmp-unreachable' },
    plant: (ground) => {
      const { online, client, copied, clientEnd } = ground;
      const copy = segment(clientEnd, copied, PSH | ACK, 'GET / HTTP/1.1\r\n\r\n');
      const error = icmpAbout(
        copy,
        ground.addressOf(online),
        clientEnd.address,
        ICMP['host unreachable'][ground.family],
      );
      return ground.send(online, ipFrame(ground.link(online, client), error));
    },
  },
  frame('a first fragment', { leak: 'fragment' }, (ground) =>
    ipFrame(toClient(ground), fragmentOf(response(ground), 0)),
  ),
  frame('a later fragment', { leak: 'fragment' }, (ground) =>
    ipFrame(toClient(ground), fragmentOf(response(ground), 3)),
  ),
  frame('a segment in a VLAN', { leak: 'data' }, (ground) =>
    taggedFrame(toClient(ground), VLAN, response(ground)),
  ),
  frame('a segment with a forged hardware address', { leak: 'data' }, (ground) =>
    ipFrame({ ...toClient(ground), source: FORGED }, response(ground)),
  ),
  frame('a segment under another address of the test server', { leak: 'data' }, (ground) => {
    const other = { ...ground.copied, address: ground.copied.address.replace(/[^.:]+$/, '77') };
    return ipFrame(toClient(ground), segment(other, ground.clientEnd, PSH | ACK, ANSWER));
  }),
  frame(
    'a segment over IPv6',
    { leak: 'data' },
    (ground) => {
      const [from, to] = [
        { ...ground.copied, address: NOBODY },
        { ...ground.clientEnd, address: SOMEBODY },
      ];
      return ipFrame(toClient(ground), segment(from, to, PSH | ACK, ANSWER));
    },
    { family: 4 },
  ),
  frame(
    'an ICMPv6 error',
    { leak: 'icmp-unreachable' },
    (ground) => ipFrame(toClient(ground), icmpPacket(NOBODY, SOMEBODY, [1, 4], new Uint8Array(0))),
    { family: 4 },
  ),
  frame(
    'a segment behind destination options',
    { leak: 'data' },
    (ground) => ipFrame(toClient(ground), withOptions(response(ground))),
    { family: 6 },
  ),
  frame(
    'a fragment behind destination options',
    { leak: 'fragment' },
    (ground) => ipFrame(toClient(ground), withOptions(fragmentOf(response(ground), 3))),
    { family: 6 },
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
        // Until the kernel has seen that there is a peer it drops what is sent.
        await ground.shell(test, `until ip link show ${DEVICE} | grep -q 'state UP'; do sleep 0.01; done`);
        await ground.send(test, ipFrame(toClient(ground), response(ground)), DEVICE);
      } finally {
        await ground.shell(test, `ip link del ${DEVICE}`);
      }
    },
  },
  frame(
    'an ARP request for a client',
    { exposure: 'arp-request' },
    (ground) =>
      arpRequest(
        { ...toClient(ground), destination: 'ff:ff:ff:ff:ff:ff' },
        ground.copied.address,
        ground.clientEnd.address,
      ),
    { family: 4 },
  ),
  frame(
    'an IPv6 neighbour solicitation',
    { exposure: 'neighbour-solicitation' },
    (ground) => solicitation(toClient(ground), NOBODY, SOMEBODY),
    { family: 4 },
  ),
  frame(
    'a neighbour solicitation for a client',
    { exposure: 'neighbour-solicitation' },
    (ground) => solicitation(toClient(ground), ground.copied.address, ground.clientEnd.address),
    { family: 6 },
  ),
  frame(
    'a response past the assistant',
    { leak: 'data' },
    (ground) => ipFrame(toClient(ground), response(ground)),
    { architecture: 'data-link' },
  ),
  {
    name: 'a response that the assistant lets on',
    architecture: 'data-link',
    found: { leak: 'data' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      return ground.send(assistant, ipFrame(ground.link(assistant, ground.client), response(ground)));
    },
  },
  {
    name: 'an ICMP redirect of the assistant to a client',
    architecture: 'data-link',
    found: { leak: 'icmp-redirect' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      const { address } = ground.clientEnd;
      const error = icmpAbout(
        response(ground),
        ground.addressOf(assistant),
        address,
        ICMP.redirect[ground.family],
      );
      return ground.send(assistant, ipFrame(ground.link(assistant, ground.client), error));
    },
  },
  {
    name: 'an ICMP redirect of the assistant to the test server',
    architecture: 'data-link',
    found: { exposure: 'redirect' },
    plant: (ground) => {
      const assistant = ground.lab.node(ground.scene.assistants[0]!.name);
      const { address } = ground.copied;
      const error = icmpAbout(
        response(ground),
        ground.addressOf(assistant),
        address,
        ICMP.redirect[ground.family],
      );
      return ground.send(assistant, ipFrame(ground.link(assistant, ground.test), error));
    },
  },
  {
    name: 'many: the rule is gone for 300 ms',
    architecture: 'traditional',
    found: { leak: 'data' },
    plant: async (ground) => {
      await ground.shell(
        ground.test,
        `${iptables(ground)} -D ${rule(ground)}; sleep 0.3; ${iptables(ground)} -I ${rule(ground)}`,
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
        `${iptables(ground)} -I ${rule(ground)} --queue-bypass && pkill -KILL -x intercept; sleep 0.3; ${iptables(ground)} -D ${rule(ground)} --queue-bypass`,
      );
      await startPart(ground.lab, 'intercept');
    },
  },
];
