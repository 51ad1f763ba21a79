/** The account of a replay: what of the capture was replayed, what was not, and why. */
import { nameOf, type Damage } from '../../capture/file/capture-file';
import type { Counted } from '../../capture/file/survey';
import type { DropReason } from '../../session/tables/counters';
import type { Percentiles } from '../../answers/times/response-times';
import type { TransferReading } from '../../answers/times/transfer-times';
import type { NothingPlayed } from './nothing-played';
import type { OnlineReading } from './online-times';

export interface Account {
  readonly files: readonly string[];
  readonly duration_ms: number;
  /** In time of the capture, all rounds together. */
  readonly captured_ms: number;
  readonly isWhole: boolean;
  /** Of reading the files. */
  readonly read: Readonly<Record<string, number>>;
  readonly damages: readonly Damage[];
  /** Files that begin before the one before them has ended. */
  readonly overlapping: readonly string[];
  /** What packets were taken out of, and what they could not be taken out of. */
  readonly encapsulations: readonly Counted[];
  readonly unsupported: readonly Counted[];
  /** How often the capture's clock jumped, and the jump was cut. */
  readonly clockJumps: number;
  /** Where nothing at all was replayed. */
  readonly nothing: NothingPlayed | undefined;
  /** Segments with words or a SYN that were not used, by reason. */
  readonly unused: Readonly<Partial<Record<DropReason, number>>>;
  /** Of the engine. */
  readonly counters: Readonly<Record<string, number>>;
  /** How long test servers took for what was replayed. */
  readonly times: readonly TransferReading[];
  /** Their times are wrong by this at most for the sake of clocks; undefined where that is not known. */
  readonly clockError_ms?: number | undefined;
  /** How long online servers took, by the capture's time. */
  readonly online?: readonly OnlineReading[];
  /** What half of all packets, and 99 %, were within of their time; undefined when there were none. */
  readonly lateness_ms: { readonly half: number; readonly most: number } | undefined;
}

/** A segment that says nothing new, or that the user did not want, is no loss. */
const NO_LOSS: ReadonlySet<string> = new Set<DropReason>(['repeated', 'after-close', 'not-selected']);

/** Packets of which too little was captured to use them. */
const CUT = [
  'payload-truncated',
  'tcp-truncated',
  'ipv4-truncated',
  'ipv4-bad-total-length',
  'ipv6-truncated',
  'ipv6-bad-payload-length',
  'encapsulation-truncated',
];

/** What of the capture was not replayed, one line each; none when all of it was. */
export function losses({ files, isWhole, nothing, read, damages, unused, counters }: Account): string[] {
  const given = byReason(counters, 'sessions_given_up_');
  const requests = total(byReason(counters, 'requests_given_up_'));
  return [
    ...(nothing ? [`everything, ${nothing.why}`] : []),
    ...(isWhole
      ? []
      : [
          `${files.length > 1 ? 'the files were' : 'the file was'} not read to ${files.length > 1 ? 'their' : 'its'} end`,
        ]),
    ...damages.map(({ file, reason, at }) => {
      const count = read[`damaged_${reason}`] ?? 1;
      const many = count > 1 && files.length === 1 ? `, ${count} times, first` : '';
      return `${reason}${many} at byte ${at} of ${files.length > 1 ? file : 'the file'}`;
    }),
    ...CUT.filter((reason) => read[`rejected_${reason}`]).map(
      (reason) => `packets that were not captured whole: ${reason} ${number(read[`rejected_${reason}`])}`,
    ),
    ...Object.entries(byReason(read, 'lost_')).map(
      ([reason, count]) => `fragmented packets that did not become whole: ${reason} ${number(count)}`,
    ),
    ...Object.entries(unused)
      .filter(([reason]) => !NO_LOSS.has(reason))
      .map(([reason, count]) => `packets with words of clients: ${reason} ${number(count)}`),
    ...(total(given) > 0
      ? [`connections given up: ${reasons(given)}; requests with them ${number(requests)}`]
      : []),
    ...Object.entries(byReason(counters, 'copies_refused_')).map(
      ([reason, count]) => `connections refused: ${reason} ${number(count)}`,
    ),
  ];
}

/** For a terminal, with a line break at its end. */
export function accountText(account: Account): string {
  const { duration_ms, captured_ms, read, counters, lateness_ms, nothing } = account;
  const lost = losses(account);
  const others = byReason(read, 'rejected_');
  const givenUp = byReason(counters, 'sessions_given_up_');
  const requestsGivenUp = byReason(counters, 'requests_given_up_');
  const dropped = byReason(counters, 'segments_dropped_');
  const lines = [
    `${titleOf(account)}: ${headline(account, lost)}`,
    `  duration     ${seconds(duration_ms)}, of a capture of ${seconds(captured_ms)}`,
    `  packets      ${number(read['packets'])} read, ${number(counters['segments_used'])} used${tail(dropped, others)}`,
    ...notes(account),
    `  connections  ${number(counters['sessions_completed'])} replayed, ${given(givenUp)}`,
    `  requests     ${number(counters['requests_sent'])} replayed, ${given(requestsGivenUp)}`,
  ];
  if (lateness_ms)
    lines.push(
      `  timing       half within ${milliseconds(lateness_ms.half)}, 99 % within ${milliseconds(lateness_ms.most)}`,
    );
  lines.push(...answerLines(account));
  // The headline says already that all is.
  lines.push(...lost.slice(nothing ? 1 : 0).map((loss) => `  lost         ${loss}`));
  if (nothing)
    lines.push(...nothing.holds.map((held) => `  it holds     ${held}`), `  next         ${nothing.next}`);
  return [...lines, ''].join('\n');
}

const KNOWN_BY: Readonly<Record<OnlineReading['by'], string>> = {
  packets: "by the server's own packets",
  acknowledgments: 'at most, by what clients acknowledged',
};

function answerLines({ times, online = [], clockError_ms, counters }: Account): string[] {
  const missing = byReason(counters, 'answers_missing_');
  const of = ({ p50, p99, max }: Percentiles): string =>
    `half within ${milliseconds(p50)}, 99 % within ${milliseconds(p99)}, all within ${milliseconds(max)}`;
  return [
    ...times.flatMap(({ transfer, count, first_byte_ms, last_byte_ms }) => [
      `  answers      ${times.length > 1 ? `${transfer}: ` : ''}${number(count)} timed, first byte ${of(first_byte_ms)}`,
      `               last byte ${of(last_byte_ms)}`,
    ]),
    ...(times.length > 0 && clockError_ms !== undefined
      ? [`               by clocks that are aligned within ${milliseconds(clockError_ms)}`]
      : []),
    ...online.flatMap(({ transfer, count, first_byte_ms, last_byte_ms, by }) => [
      `  online       ${times.length > 1 ? `${transfer}: ` : ''}${number(count)} timed ${KNOWN_BY[by]}, first byte ${of(first_byte_ms)}`,
      `               last byte ${of(last_byte_ms)}`,
    ]),
    ...(total(missing) > 0 ? [`  unanswered   ${reasons(missing)}`] : []),
  ];
}

function titleOf({ files }: Account): string {
  const [first = ''] = files;
  return files.length === 1
    ? nameOf(first)
    : `${number(files.length)} files, from ${first} to ${files.at(-1)!}`;
}

function headline({ nothing }: Account, lost: readonly string[]): string {
  if (nothing) return `nothing was replayed, ${nothing.why}`;
  return lost.length === 0 ? 'all of it was replayed' : 'not all of it was replayed';
}

/** What may surprise, and is no loss. */
function notes({ encapsulations, unsupported, clockJumps, overlapping, nothing }: Account): string[] {
  const counted = (of: readonly Counted[]): string =>
    of.map(({ name, count }) => `${name} ${number(count)}`).join(', ');
  return [
    ...(encapsulations.length > 0 && !nothing ? [`  taken off    ${counted(encapsulations)}`] : []),
    ...(unsupported.length > 0 && !nothing ? [`  left alone   ${counted(unsupported)}`] : []),
    ...(clockJumps > 0
      ? [`  clock        jumped ${number(clockJumps)} times in the capture; that was not waited for`]
      : []),
    ...(overlapping.length > 0
      ? [
          `  order        ${overlapping.join(', ')}: captured beside the file before, but played behind it; see mergecap(1)`,
        ]
      : []),
  ];
}

function byReason(counters: Readonly<Record<string, number>>, prefix: string): Record<string, number> {
  const found = Object.entries(counters).filter(([name, count]) => name.startsWith(prefix) && count > 0);
  return Object.fromEntries(found.map(([name, count]) => [name.slice(prefix.length), count]));
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${reason} ${number(count)}`)
    .join(', ');

function given(counts: Readonly<Record<string, number>>): string {
  const sum = total(counts);
  return sum === 0 ? 'none given up' : `${number(sum)} given up (${reasons(counts)})`;
}

function tail(...counts: readonly Readonly<Record<string, number>>[]): string {
  const all = counts.map(reasons).filter((text) => text !== '');
  return all.length === 0 ? '' : ` (others: ${all.join(', ')})`;
}

const number = (value = 0): string => value.toLocaleString('en-US');
const seconds = (duration_ms: number): string => `${(duration_ms / 1000).toFixed(1)} s`;
const milliseconds = (duration_ms: number): string =>
  `${duration_ms < 10 ? duration_ms.toFixed(2) : number(Math.round(duration_ms))} ms`;
