/** intercept's command line. */
import { CONTROL_PORT } from '../control/messages';
import { formatHelp, parseOptions, type OptionSpec } from '../process/options';
import type { Command, CommonOptions } from '../process/run';
import { VERSION } from '../process/version';
import { parseAddress, parsePort } from '../wire/flow';

export interface InterceptOptions extends CommonOptions {
  /** Addresses that may use the test server directly, host order. */
  readonly passlist: readonly number[];
  /** Where tcpcopy connects to; undefined for every address. */
  readonly bindAddress: string | undefined;
  readonly controlPort: number;
  readonly queueNumber: number;
  /** Packets that may wait in the queue; undefined for the kernel's default. */
  readonly queueLength: number | undefined;
}

/** As in upstream. */
const PASSLIST_MAX = 32;

const SPECS: readonly OptionSpec[] = [
  {
    short: 'x',
    long: 'passlist',
    value: 'ip,ip,…',
    group: 'What is caught',
    help: 'addresses that may use the test server directly; responses to all\nothers are dropped',
  },
  {
    short: 'Q',
    long: 'queue',
    value: 'number',
    group: 'What is caught',
    help: 'NFQUEUE to listen on (default 0)',
  },
  {
    short: 'q',
    long: 'queue-length',
    value: 'packets',
    group: 'What is caught',
    help: "packets that may wait in the queue (default: the kernel's, 1024)",
  },
  {
    short: 'b',
    long: 'bind',
    value: 'ip',
    group: 'Control channel',
    help: 'address to listen on (default: all)',
  },
  {
    short: 'p',
    long: 'port',
    value: 'port',
    group: 'Control channel',
    help: `port to listen on (default ${CONTROL_PORT})`,
  },
  { short: 'l', long: 'log', value: 'file', group: 'Process', help: 'log file (default: standard error)' },
  { short: 'P', long: 'pid-file', value: 'file', group: 'Process', help: 'write the process id there' },
  { short: 'd', long: 'daemon', group: 'Process', help: 'run in the background, once everything works' },
  { short: 'v', long: 'version', group: 'Process', help: 'print the version' },
  { short: 'h', long: 'help', group: 'Process', help: 'print this help' },
];

const SYNOPSIS = `intercept: catches the responses of a test server, tells tcpcopy their headers, and drops them.

It needs a rule that leads the responses to its queue, here for a server on port 8080:
  iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE`;

const EXAMPLES = [
  'intercept -x 198.18.10.20 -b 198.18.10.30 -d',
  'intercept --passlist 198.18.10.20,198.18.10.21',
];

export function parseInterceptOptions(argv: readonly string[]): Command<InterceptOptions> {
  const { given, faults: syntaxFaults } = parseOptions(SPECS, argv);
  if (given.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  if (given.has('version')) return { kind: 'print', text: `intercept ${VERSION}\n` };
  const faults = [...syntaxFaults];
  const value = (name: string): string | undefined => {
    const text = given.get(name);
    return typeof text === 'string' ? text : undefined;
  };
  const number = (name: string, min: number, max: number): number | undefined => {
    const text = value(name);
    if (text === undefined) return undefined;
    const parsed = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (parsed >= min && parsed <= max) return parsed;
    faults.push(`--${name} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
    return undefined;
  };
  const passlist = (value('passlist') ?? '')
    .split(',')
    .filter((part, _, all) => part !== '' || all.length > 1);
  const addresses = passlist.map((part) => {
    const address = parseAddress(part);
    if (address === undefined) faults.push(`-x takes IPv4 addresses, not ${JSON.stringify(part)}`);
    return address;
  });
  if (passlist.length > PASSLIST_MAX)
    faults.push(`-x takes at most ${PASSLIST_MAX} addresses, not ${passlist.length}`);
  const bindAddress = value('bind');
  if (bindAddress !== undefined && parseAddress(bindAddress) === undefined) {
    faults.push(`-b takes an IPv4 address, not ${JSON.stringify(bindAddress)}`);
  }
  const portText = value('port');
  const port = portText === undefined ? CONTROL_PORT : parsePort(portText);
  if (port === undefined) faults.push(`-p takes a port from 1 to 65535, not ${JSON.stringify(portText)}`);
  const queueNumber = number('queue', 0, 65_535) ?? 0;
  const queueLength = number('queue-length', 1, 1_000_000);
  if (faults.length > 0 || port === undefined) return { kind: 'refuse', faults };
  return {
    kind: 'run',
    options: {
      passlist: addresses.filter((address) => address !== undefined),
      bindAddress,
      controlPort: port,
      queueNumber,
      queueLength,
      daemon: given.has('daemon'),
      logFile: value('log'),
      pidFile: value('pid-file'),
    },
  };
}
