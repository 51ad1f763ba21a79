/** The doctor's own options, taken out of a command line that otherwise is the program's. */
import type { OptionSpec } from '../process/options';
import { formatAddress, parseAddress } from '../wire/address/address';
import { parsePort } from '../wire/flow';

export interface Wishes {
  readonly json: boolean;
  /** How long packets are watched. */
  readonly watch_ms: number;
  /** Of the test server's applications; undefined when they were not named. */
  readonly copied: readonly NamedPort[] | undefined;
  readonly clients: readonly string[];
}

export interface NamedPort {
  /** Undefined for each that the machine has. */
  readonly address: string | undefined;
  readonly port: number;
}

const WATCH_DEFAULT_S = 1;
const WATCH_MAX_S = 60;

export function takeWishes(
  specs: readonly OptionSpec[],
  argv: readonly string[],
): { wishes: Wishes; rest: string[]; faults: string[] } {
  const given = new Map<string, string>();
  const rest: string[] = [];
  const faults: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const [, long, attached] = /^--([a-z]+)(?:=(.*))?$/.exec(argv[at]!) ?? [];
    const spec = specs.find((one) => one.long === long);
    if (!spec) rest.push(argv[at]!);
    else if (spec.value === undefined) given.set(spec.long, '');
    else given.set(spec.long, attached ?? argv[(at += 1)] ?? '');
  }
  const list = <T>(long: string, what: string, parse: (text: string) => T | undefined): T[] =>
    (given.get(long)?.split(',') ?? []).flatMap((text) => {
      const value = parse(text);
      if (value !== undefined) return [value];
      faults.push(`--${long} takes ${what}, not ${JSON.stringify(text)}`);
      return [];
    });
  const copied = list('copied', '[ip:]port (an IPv6 address in brackets)', parseNamedPort);
  const clients = list('client', 'IP addresses', parseHost);
  const seconds = given.get('seconds') ?? String(WATCH_DEFAULT_S);
  const watch_s = /^\d{1,2}$/.test(seconds) ? Number(seconds) : NaN;
  if (!(watch_s >= 1 && watch_s <= WATCH_MAX_S))
    faults.push(`--seconds takes a whole number from 1 to ${WATCH_MAX_S}, not ${JSON.stringify(seconds)}`);
  return {
    wishes: {
      json: given.has('json'),
      watch_ms: watch_s * 1000,
      copied: given.has('copied') ? copied : undefined,
      clients,
    },
    rest,
    faults,
  };
}

/** As the system's tools write it. */
function parseHost(text: string): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
}

function parseNamedPort(text: string): NamedPort | undefined {
  const [, six, four, digits = ''] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d+)$/.exec(text) ?? [];
  const named = six ?? four;
  const address = named === undefined ? undefined : parseHost(named);
  const port = parsePort(digits);
  return port === undefined || (named !== undefined && address === undefined) ? undefined : { address, port };
}
