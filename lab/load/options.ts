/** The load program's command line. */
import { parseArgs } from 'node:util';
import type { AnswersWanted } from './answers/answer';
import { RUN_PATTERN, type Purpose } from './requests/identity';
import type { LoadProfile, Protocol } from './requests/schedule';
import { parseSubnet } from '../topology/addresses';

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly profile: LoadProfile;
  /** This client plays every connection whose number leaves `remainder` when divided by `divisor`. */
  readonly share: { readonly remainder: number; readonly divisor: number };
  /** Connections open at a time. */
  readonly concurrency: number;
  /** Requests a second at most. */
  readonly rate: number;
  readonly answerTimeout_ms: number;
  readonly answers: AnswersWanted;
  /** The whole load ends after this long, whatever is left. */
  readonly limit_ms: number;
  /** CIDR, of the family of `host`: connections come from these addresses; by default from the machine's own. */
  readonly sources?: string | undefined;
}

/** The words that `loadOptionsFrom` reads back. */
export function loadArguments(options: LoadOptions): string[] {
  const { profile, share } = options;
  const given: Record<string, string | number> = {
    host: options.host,
    port: options.port,
    protocol: profile.protocol,
    seed: profile.seed,
    run: profile.run,
    purpose: profile.purpose,
    requests: profile.requests,
    share: `${share.remainder}/${share.divisor}`,
    concurrency: options.concurrency,
    rate: options.rate,
    'answer-timeout': options.answerTimeout_ms,
    answers: options.answers,
    limit: options.limit_ms,
    ...(options.sources === undefined ? {} : { sources: options.sources }),
  };
  return Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

export const USAGE = `Usage: lab-load --host ADDRESS --port PORT --run NAME [options]
       lab-load mark TEXT ADDRESS…
       lab-load marks TEXT COUNT ADDRESS

Sends a seeded load and prints a summary as JSON; or sends each address a datagram with TEXT, to be seen; or one address
COUNT of them, with TEXT and their numbers. SIGINT ends the load after the answers that are awaited.

  --host ADDRESS          the server
  --port PORT             its port
  --run NAME              eight letters or digits that every request carries
  --protocol http|redis   (default http)
  --seed NUMBER           (default 1)
  --purpose lab|direct    what the requests are marked with (default lab)
  --requests NUMBER       over all connections (default 2400)
  --share R/N             play only the connections whose number leaves R when divided by N (default 0/1)
  --concurrency NUMBER    connections open at a time (default 32)
  --rate NUMBER           requests a second at most (default 1000)
  --answer-timeout MS     (default 10000)
  --answers good|any      which count: what the lab's servers say, or whatever a server says (default good)
  --limit MS              the whole load (default 60000)
  --sources CIDR          addresses that connections come from (default: the machine's own)
`;

/** @throws Error with what is wrong */
export function loadOptionsFrom(argv: readonly string[]): LoadOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: text,
      port: text,
      run: text,
      protocol: { ...text, default: 'http' },
      seed: { ...text, default: '1' },
      purpose: { ...text, default: 'lab' },
      requests: { ...text, default: '2400' },
      share: { ...text, default: '0/1' },
      concurrency: { ...text, default: '32' },
      rate: { ...text, default: '1000' },
      'answer-timeout': { ...text, default: '10000' },
      answers: { ...text, default: 'good' },
      limit: { ...text, default: '60000' },
      sources: text,
    },
  });
  if (values.host === undefined) throw new Error('--host is missing');
  if (values.run === undefined || !RUN_PATTERN.test(values.run)) {
    throw new Error('--run takes eight lower-case letters or digits');
  }
  const [remainder, divisor] = values.share.split('/').map((part) => number('share', part, 0, 1_000));
  if (remainder === undefined || divisor === undefined || remainder >= divisor) {
    throw new Error(`--share takes R/N with R below N, not ${values.share}`);
  }
  if (values.sources !== undefined && !parseSubnet(values.sources))
    throw new Error(`--sources takes CIDR with no host bits set, not ${values.sources}`);
  return {
    host: values.host,
    port: number('port', values.port ?? '', 1, 65_535),
    profile: {
      protocol: oneOf<Protocol>('protocol', values.protocol, ['http', 'redis']),
      purpose: oneOf<Purpose>('purpose', values.purpose, ['lab', 'direct']),
      seed: number('seed', values.seed, 0, 0xffff_ffff),
      run: values.run,
      requests: number('requests', values.requests, 1, 1_000_000),
    },
    share: { remainder, divisor },
    concurrency: number('concurrency', values.concurrency, 1, 10_000),
    rate: number('rate', values.rate, 1, 1_000_000),
    answerTimeout_ms: number('answer-timeout', values['answer-timeout'], 1, 3_600_000),
    answers: oneOf<AnswersWanted>('answers', values.answers, ['good', 'any']),
    limit_ms: number('limit', values.limit, 1, 3_600_000),
    sources: values.sources,
  };
}

function number(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`--${name} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new Error(`--${name} takes ${choices.join(' or ')}, not ${JSON.stringify(text)}`);
}
