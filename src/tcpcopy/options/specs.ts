/** tcpcopy's options, as its help shows them, and the limits of their values. */
import { CONTROL_PORT } from '../../control/messages';
import { formatRange, type PortRange } from '../../passlist/port-range';
import { COMMON_SPECS, type IdleSpec } from '../../process/common-options';
import type { OptionSpec } from '../../process/options';
import { REPLAY_SPECS } from './replay';

/** Above what the kernel gives to programs that ask for no port (ip_local_port_range, 32768 to 60999). */
export const SOURCE_PORTS_DEFAULT: PortRange = { first: 61_000, last: 65_535 };

/** As in the original. */
export const INTERCEPTS_MAX = 32;
export const COPIES_MAX = 1023;
export const RESPONSE_DEFAULT_S = 600;
export const MEMORY_DEFAULT_MB = 2048;
export const MTU_DEFAULT_BYTES = 1500;
const MSS_DEFAULT_BYTES = 1460;
const BUFFER_DEFAULT_MB = 64;
export const NICE_DEFAULT = 5;

export const TIMEOUT_MAX_S = 604_800;
export const MEMORY_MAX_MB = 1_048_576;
/** What every path takes (RFC 791, section 3.1, less would leave hardly any payload). */
export const MTU_MIN_BYTES = 256;
export const MSS_MIN_BYTES = 64;
export const BUFFER_MAX_MB = 1024;
export const NICE_MAX = 19;
export const COALESCE_MAX_US = 10_000;

const INTERCEPT = 'Where intercept runs';
const COPIED = 'What is copied';
const CAPTURE = 'Where and how it is captured';
const SENT = 'Where copies leave';
const SOURCE = 'Under which addresses';
const PACE = 'When it is sent';
const LIMITS = 'Limits';

/** Options of the original that have nothing to do here. */
export const IDLE_SPECS: readonly IdleSpec[] = [
  {
    short: 'L',
    long: 'lonely',
    group: INTERCEPT,
    help: 'accepted; losing intercept is always survived',
    reason: 'tcpcopy always survives the loss of intercept, and connects again by itself',
  },
  {
    short: 'C',
    long: 'connections',
    value: 'number',
    group: INTERCEPT,
    help: 'accepted; one connection to each intercept carries everything',
    reason: 'one connection to each intercept carries all replies in batches',
  },
  {
    short: 'R',
    long: 'rtt',
    value: 'ms',
    group: PACE,
    help: 'accepted; round trips are measured',
    reason: 'round trips are measured for each session (RFC 6298)',
  },
  {
    short: 'U',
    long: 'session-pool',
    value: 'KB',
    group: LIMITS,
    help: 'accepted; sessions take what they need',
    reason: 'a session takes memory as it needs it; -m bounds all of them',
  },
];

export const SPECS: readonly OptionSpec[] = [
  {
    short: 'x',
    long: 'transfer',
    value: '[ip:]port[@mac]-ip:port[@mac],…',
    group: COPIED,
    help: 'from which port of this machine to which test server; a mac is the link address\nthat copies are sent from or to (default: found out)',
  },
  {
    short: 'r',
    long: 'percentage',
    value: '1-100',
    group: COPIED,
    help: 'of all connections, each wholly or not at all (default 100)',
  },
  {
    short: 'g',
    long: 'gradual',
    group: COPIED,
    help: 'begin with one percent, and add one each second up to -r',
  },
  {
    short: 'n',
    long: 'multiply',
    value: '1-1023',
    group: COPIED,
    help: 'copies of each connection (default 1)',
  },
  {
    short: 'O',
    long: 'whole-connections',
    group: COPIED,
    help: 'copy only connections seen from their SYN; others are joined at\ntheir next request otherwise',
  },
  {
    short: 'i',
    long: 'device',
    value: 'device,…|file,…|-',
    group: CAPTURE,
    help: "capture there (default, and `any`: on every device),\nor play captures instead: files (pcap, pcapng; 'dir/*.pcap'), or standard input (-)",
  },
  {
    long: 'mirror',
    group: CAPTURE,
    help: 'the server that -x names by its address is another machine, whose packets\na switch sends to the device of -i too (a mirror port)',
  },
  {
    short: 'F',
    long: 'filter',
    value: 'expression',
    group: CAPTURE,
    help: "what is captured, as a filter of tcpdump's; of it, what -x names is copied\n(default: what -x names)",
  },
  {
    short: 'B',
    long: 'buffer',
    value: 'MB',
    group: CAPTURE,
    help: `what may wait, for each device that -i names (default ${BUFFER_DEFAULT_MB})`,
  },
  {
    short: 'S',
    long: 'snap-length',
    value: 'bytes',
    group: CAPTURE,
    help: 'longer packets are not copied (default 65535: all are)',
  },
  {
    long: 'io',
    value: 'packages|ring|auto',
    group: CAPTURE,
    help: 'how packets are captured and sent (default auto: by the kernel itself, in batches,\nwhere it can be called, else by the packages cap and raw-socket)',
  },
  {
    long: 'responses',
    group: CAPTURE,
    help: "capture the headers of the online server's own packets too: tells how long it took,\nand how long the test server took more exactly (default: upper bounds, by what\nclients acknowledge)",
  },
  {
    long: 'compare',
    value: 'share',
    group: CAPTURE,
    help: 'of so many of the copied connections, as in 5%, have intercept --compare hold what both\nservers answered against each other (default: of none)',
  },
  ...REPLAY_SPECS,
  {
    short: 'o',
    long: 'output-device',
    value: 'device',
    group: SENT,
    help: 'copies leave by this device, at the data link (default: as the kernel routes them)',
  },
  {
    short: 'c',
    long: 'source',
    value: 'ip,…|a.b.c.x',
    group: SOURCE,
    help: "addresses that copies are sent from, a.b.c.x for 254 of them\n(default: the clients' own)",
  },
  {
    long: 'source-ports',
    value: 'port-port',
    group: SOURCE,
    help: `ports of the addresses of -c that this machine has itself; intercept --own-copies\nnames them as well (default ${formatRange(SOURCE_PORTS_DEFAULT)}, above those that programs are given)`,
  },
  {
    short: 'H',
    long: 'loopback-source',
    value: 'ip',
    group: SOURCE,
    help: 'copy clients of 127.0.0.0/8 too, under this address',
  },
  {
    short: 'f',
    long: 'port-shift',
    value: '1-1023',
    group: SOURCE,
    help: 'keeps the source ports of several tcpcopies at one test server apart:\na different number for each',
  },
  {
    short: 's',
    long: 'server',
    value: 'ip[:port],…',
    group: INTERCEPT,
    help: 'an address of the online server: intercept runs on each test server;\nothers: intercept runs there (default: on each test server)',
  },
  {
    short: 'p',
    long: 'port',
    value: 'port',
    group: INTERCEPT,
    help: `intercept's port (default ${CONTROL_PORT})`,
  },
  {
    short: 'W',
    long: 'no-wait',
    group: PACE,
    help: 'send requests as they were captured, without waiting for the answer\nto the one before',
  },
  {
    long: 'late-max',
    value: 'seconds',
    group: PACE,
    help: 'give requests up that are older before they can be sent, and go on with\ntheir connection at its next request (default: they wait)',
  },
  {
    long: 'repeat-doubtful',
    group: PACE,
    help: 'send requests again that the test server may have carried out already, because\nit ended their connection before it answered',
  },
  {
    short: 't',
    long: 'response-timeout',
    value: 'seconds',
    group: PACE,
    help: `wait for so long for an answer to a client that is gone\n(default ${RESPONSE_DEFAULT_S})`,
  },
  {
    short: 'k',
    long: 'idle-timeout',
    value: 'seconds',
    group: PACE,
    help: 'give a session up when its client is silent for longer\n(default: -t and 120 more)',
  },
  {
    short: 'm',
    long: 'memory',
    value: 'MB',
    group: LIMITS,
    help: `what all sessions may hold; then new ones are refused (default ${MEMORY_DEFAULT_MB})`,
  },
  {
    long: 'nice',
    value: '0-19',
    group: LIMITS,
    help: `how far it gives way to the servers of this machine (default ${NICE_DEFAULT})`,
  },
  {
    long: 'coalesce',
    value: 'us',
    group: LIMITS,
    help: 'wait for so many microseconds for packets to be handled together: costs less, and is\nlater (default: 0 while a core is idle, up to 2000 where all are busy)',
  },
  {
    long: 'overload',
    value: 'leave-out|wait',
    group: LIMITS,
    help: 'while clients bring more than can be copied: leave whole connections out (default),\nor let packets wait in -B, and be lost where that is full',
  },
  {
    short: 'M',
    long: 'mtu',
    value: 'bytes',
    group: LIMITS,
    help: `largest packet to the test servers (default: the smallest MTU of this\nmachine's devices, at most ${MTU_DEFAULT_BYTES})`,
  },
  {
    short: 'D',
    long: 'mss',
    value: 'bytes',
    group: LIMITS,
    help: `segment size stated for a connection that is joined (default ${MSS_DEFAULT_BYTES})`,
  },
  ...IDLE_SPECS,
  ...COMMON_SPECS,
];

export const SYNOPSIS = `tcpcopy: copies what clients send to this machine to a test server, live or from a capture.

Nothing is sent before intercept says that it catches the test server's responses,
so it does not matter which of the two is started first.`;

export const EXAMPLES = [
  'tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d',
  'tcpcopy -x 80-198.18.10.30:8080,6379-198.18.10.31:6379',
  'tcpcopy -x 80-198.18.10.30:8080 -r 20 -d        20 % of the connections',
  'tcpcopy -x 80-198.18.10.30:8080 -n 2 -d         every connection twice',
  'tcpcopy -x 80-198.18.10.30:8080 -c 198.18.10.20  under the own address, where no other may be used',
  'tcpcopy -i online.pcap -x 80-198.18.10.30:8080   a capture, on the test server itself',
  "tcpcopy -i 'day/*.pcap.gz' -x 80-198.18.10.30:8080   several of them, one after the other",
  'tcpcopy --mirror -i eth1 -x 198.18.10.20:80-198.18.10.30:8080   what a switch mirrors to eth1',
  'tcpcopy doctor -x 80-198.18.10.30:8080           says why it does not work',
];
