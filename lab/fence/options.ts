/** The command line of `lab-fence`. */
import { parseArgs } from 'node:util';

export interface FenceOptions {
  /** Addresses and ranges (CIDR) that may be called: those of the same side, and what the topology allows. */
  readonly inside: readonly string[];
  /** Name -> address, of all that have a name in the lab. */
  readonly names: Readonly<Record<string, string>>;
  /** The TCP port whose answers are the guard's affair; undefined where there is none. */
  readonly copied?: number | undefined;
  /** Where marks are sent to, which show that taps look: on each network of the node. */
  readonly marks?: readonly string[] | undefined;
}

export const USAGE = `lab-fence stand --inside <addresses> [--names <name=address,…>] [--copied <port>] [--marks <addresses>]
  puts the fence up in this network namespace, and returns when it stands
lab-fence check
  tries whether it stands; status 1 and a reason when it does not
`;

export function fenceArguments({ inside, names, copied, marks }: FenceOptions): string[] {
  const named = Object.entries(names).map(([name, address]) => `${name}=${address}`);
  return [
    ...['--inside', inside.join(',')],
    ...(named.length > 0 ? ['--names', named.join(',')] : []),
    ...(copied === undefined ? [] : ['--copied', String(copied)]),
    ...(marks === undefined ? [] : ['--marks', marks.join(',')]),
  ];
}

/** @throws Error where an option is missing or unknown */
export function fenceOptionsFrom(argv: readonly string[]): FenceOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { inside: text, names: text, copied: text, marks: text },
  });
  const { inside, names, copied, marks } = values;
  if (!inside) throw new Error('--inside is missing: who may be called');
  const pairs = (names ?? '').split(',').filter(Boolean);
  return {
    inside: inside.split(','),
    names: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])),
    copied: copied === undefined ? undefined : Number(copied),
    marks: marks?.split(','),
  };
}
