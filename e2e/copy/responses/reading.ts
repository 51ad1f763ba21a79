/** Response times by tcpdump's own reading of a capture, in the order in which tcpcopy tells them. */

export interface Took {
  readonly first_ms: number;
  readonly last_ms: number;
}

interface Line {
  readonly at_ms: number;
  readonly client: string;
  readonly fromServer: boolean;
  /** Behind its last byte, from the beginning of its connection on. */
  readonly until_bytes: number;
}

/** What carries payload for the first time, of `tcpdump -tt -nn -S`. */
function linesIn(text: string, port: number): Line[] {
  const begun = new Map<string, number>();
  const said = new Map<string, number>();
  return text.split('\n').flatMap((line) => {
    const [, seconds, from = '', to = '', flags = '', sequence, until] =
      /^(\d+\.\d+) IP (\S+) > (\S+): Flags \[(\S+)\], seq (\d+)(?::(\d+))?,/.exec(line) ?? [];
    const way = `${from} ${to}`;
    if (flags.startsWith('S')) begun.set(way, Number(sequence) + 1);
    if (until === undefined) return [];
    const until_bytes = (Number(until) - begun.get(way)!) >>> 0;
    if (until_bytes <= (said.get(way) ?? 0)) return [];
    said.set(way, until_bytes);
    const fromServer = from.endsWith(`.${port}`);
    return [{ at_ms: Number(seconds) * 1000, client: fromServer ? to : from, fromServer, until_bytes }];
  });
}

/**
 * Each request is one packet, and its answer has a certain length. A request is told of when the next one of its connection comes:
 * the last ones of all are left out.
 *
 * @param texts of one capture, or of one for each way
 */
export function responseTimes(texts: readonly string[], port: number, answer_bytes: number): Took[] {
  const lines = texts.flatMap((text) => linesIn(text, port));
  const answers = new Map<string, Line[]>();
  for (const line of lines.filter(({ fromServer }) => fromServer))
    answers.set(line.client, [...(answers.get(line.client) ?? []), line]);
  const asked = new Map<string, number[]>();
  const told: Took[] = [];
  for (const { at_ms, client } of lines.filter(({ fromServer }) => !fromServer)) {
    const before = asked.get(client) ?? [];
    asked.set(client, before);
    const asked_ms = before.at(-1);
    before.push(at_ms);
    if (asked_ms === undefined) continue;
    const from_bytes = (before.length - 2) * answer_bytes;
    const behind = (place: number): number =>
      answers.get(client)?.find(({ until_bytes }) => until_bytes > place)?.at_ms ?? NaN;
    told.push({
      first_ms: behind(from_bytes) - asked_ms,
      last_ms: behind(from_bytes + answer_bytes - 1) - asked_ms,
    });
  }
  return told;
}

/** What tcpcopy noted of a server. @param text lines of whose it is, a histogram's number, and microseconds */
export function notedTimes(text: string, server: 'online' | 'test'): Took[] {
  const byHistogram = new Map<number, number[]>();
  for (const line of text.split('\n')) {
    const [whose, histogram, took_us] = line.split(' ');
    if (whose !== server) continue;
    const values = byHistogram.get(Number(histogram)) ?? [];
    values.push(Number(took_us) / 1000);
    byHistogram.set(Number(histogram), values);
  }
  // That of first bytes is made before that of last bytes.
  const [first = [], last = []] = [...byHistogram]
    .toSorted(([one], [other]) => one - other)
    .map(([, values]) => values);
  return first.map((first_ms, index) => ({ first_ms, last_ms: last[index]! }));
}

/** Medians of how far what was noted lies from what was read. @throws when there are not as many of both */
export function medianErrors_ms(noted: readonly Took[], read: readonly Took[]): Took {
  if (noted.length < read.length)
    throw new Error(`${noted.length} times were noted, and ${read.length} are in the capture`);
  const median = (which: keyof Took): number =>
    read.map((one, index) => Math.abs(noted[index]![which] - one[which])).toSorted((a, b) => a - b)[
      Math.floor(read.length / 2)
    ]!;
  return { first_ms: median('first_ms'), last_ms: median('last_ms') };
}
