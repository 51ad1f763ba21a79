/** The doctor's own options, taken out of a command line that otherwise is the program's. */
import type { OptionSpec } from '../process/options';
import { parseAddress } from '../wire/address/address';
import { parsePort } from '../wire/flow';

export interface Wishes {
  readonly json: boolean;
  /** How long packets are watched. */
  readonly watch_ms: number;
  /** Of the test server's applications; undefined when they were not named. */
  readonly copied: readonly number[] | undefined;
  /** Dotted decimal. */
  readonly clients: readonly string[];
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
  const copied = list('copied', 'ports from 1 to 65535', parsePort);
  const clients = list('client', 'IPv4 addresses', (text) =>
    parseAddress(text) === undefined ? undefined : text,
  );
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
