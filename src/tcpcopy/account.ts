/** The account of a replay: what of the capture was replayed, what was not, and why. */
import type { Damage } from '../capture/pcap-file';
import type { DropReason } from '../session/tables/counters';

export interface Account {
  readonly file: string;
  readonly duration_ms: number;
  /** In time of the capture, all rounds together. */
  readonly captured_ms: number;
  readonly isWhole: boolean;
  /** Of reading the file. */
  readonly read: Readonly<Record<string, number>>;
  readonly damages: readonly Damage[];
  /** Segments with words or a SYN that were not used, by reason. */
  readonly unused: Readonly<Partial<Record<DropReason, number>>>;
  /** Of the engine. */
  readonly counters: Readonly<Record<string, number>>;
  /** What half of all packets, and 99 %, were within of their time; undefined when there were none. */
  readonly lateness_ms: { readonly half: number; readonly most: number } | undefined;
}

/** A segment that says nothing new, or that the user did not want, is no loss. */
const NO_LOSS: ReadonlySet<string> = new Set<DropReason>(['repeated', 'after-close', 'not-selected']);

/** Packets of which too little was captured to use them. */
const CUT = ['payload-truncated', 'tcp-truncated', 'ipv4-truncated', 'ipv4-bad-total-length'];

/** What of the capture was not replayed, one line each; none when all of it was. */
export function losses({ isWhole, read, damages, unused, counters }: Account): string[] {
  const given = byReason(counters, 'sessions_given_up_');
  const requests = total(byReason(counters, 'requests_given_up_'));
  return [
    ...(isWhole ? [] : ['the file was not read to its end']),
    ...damages.map(({ reason, at }) => {
      const count = read[`damaged_${reason}`] ?? 1;
      return `${reason}${count > 1 ? `, ${count} times, first` : ''} at byte ${at} of the file`;
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
  const { file, duration_ms, captured_ms, read, counters, lateness_ms } = account;
  const lost = losses(account);
  const others = byReason(read, 'rejected_');
  const givenUp = byReason(counters, 'sessions_given_up_');
  const requestsGivenUp = byReason(counters, 'requests_given_up_');
  const dropped = byReason(counters, 'segments_dropped_');
  const lines = [
    `${file}: ${lost.length === 0 ? 'all of it was replayed' : 'not all of it was replayed'}`,
    `  duration     ${seconds(duration_ms)}, of a capture of ${seconds(captured_ms)}`,
    `  packets      ${number(read['packets'])} read, ${number(counters['segments_used'])} used${tail(dropped, others)}`,
    `  connections  ${number(counters['sessions_completed'])} replayed, ${given(givenUp)}`,
    `  requests     ${number(counters['requests_sent'])} replayed, ${given(requestsGivenUp)}`,
  ];
  if (lateness_ms)
    lines.push(
      `  timing       half within ${milliseconds(lateness_ms.half)}, 99 % within ${milliseconds(lateness_ms.most)}`,
    );
  return [...lines, ...lost.map((loss) => `  lost         ${loss}`), ''].join('\n');
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
