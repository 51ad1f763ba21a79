/** What was carried out, held against what clients said: records in, problems out. */
import type { Kind } from './kind';
import type { ServerEvent } from './tasks';

export interface Played {
  readonly online: readonly ServerEvent[];
  readonly test: readonly ServerEvent[];
  /** Requests that tcpcopy told to be in doubt, by the port of their client. */
  readonly doubtful: ReadonlyMap<number, number>;
  /** Requests that were said twice and refused twice, of all kinds together: they are not said a third time. */
  readonly refused: number;
}

/** What waits where it should not is behind by its client's whole load, or never comes; the machine may be busy meanwhile. */
const BEHIND_MAX_MS = 8000;
/** Of the requests to a test server that ends connections: a little may be lost, and not one with each connection. */
const LOST_MAX_SHARE = 0.5;
/** Of the answers: where more pause for longer than they are to, the machine is too busy to tell what waits for them. */
const SLOW_MAX_SHARE = 0.02;
/** Of the requests, where programs had to wait for their turns on the machine: answered, and in doubt all the same. */
const LATE_DOUBT_MAX_SHARE = 0.1;
/** Programs that had to wait for their turns are given so many times as long. */
const LATE_FACTOR = 2;
/** A test server that has answered, and then says nothing for so long though more was asked, is taken for having read all (docs/otherwise.md). */
const TAKEN_FOR_READ_MS = 1000;
const EXAMPLES_MAX = 3;

/** What is not as it should be, in sentences; none when all is. */
export function problemsOf(kind: Kind, played: Played): string[] {
  const online = played.online.filter(({ port }) => port === kind.port);
  const test = played.test.filter(({ port }) => port === kind.port);
  const doubtful = doubtfulOf(kind, played);
  return [
    ...load(kind, online),
    ...once(online, test),
    ...order(test),
    ...time(kind, online, test, wasLate(played)),
    ...doubts(kind, online, test, { doubtful, refused: played.refused, isLate: wasLate(played) }),
    ...early(kind, test),
    ...ends(kind, online, test, wasLate(played)),
    ...connections(kind, test),
  ];
}

/** A client's port is its connection's alone. */
export function clientPortOf(kind: Kind, connection: number): number {
  return CLIENT_PORTS_FROM + (kind.port % PORTS) * CLIENT_PORTS + connection;
}

/** Below those that the kernel gives. */
const CLIENT_PORTS_FROM = 10_000;
const CLIENT_PORTS = 200;
const PORTS = 100;

/** Programs had to wait for their turns on the machine. */
const wasLate = ({ online, test }: Played): boolean =>
  [...online, ...test].some(({ what }) => what === 'late');

function doubtfulOf(kind: Kind, { doubtful }: Played): number {
  const from = clientPortOf(kind, 0);
  return sum([...doubtful].map(([port, count]) => (port >= from && port < from + CLIENT_PORTS ? count : 0)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const heardIn = (events: readonly ServerEvent[]): ServerEvent[] =>
  events.filter(({ what }) => what === 'heard');

const namesOf = (events: readonly ServerEvent[]): string[] =>
  heardIn(events).map(({ request }) => request ?? '');

const some = (names: readonly string[]): string =>
  `${names.slice(0, EXAMPLES_MAX).join(', ')}${names.length > EXAMPLES_MAX ? ', …' : ''}`;

/** The clients have said all that they were to say. */
function load({ client }: Kind, online: readonly ServerEvent[]): string[] {
  const said = new Set(namesOf(online)).size;
  const planned = client.connections * client.requests;
  return said === planned ? [] : [`the online server heard ${said} of ${planned} requests`];
}

function missingIn(online: readonly ServerEvent[], test: readonly ServerEvent[]): string[] {
  const arrived = new Set(namesOf(test));
  return namesOf(online).filter((name) => !arrived.has(name));
}

/** Nothing is carried out twice, or was said by nobody. */
function once(online: readonly ServerEvent[], test: readonly ServerEvent[]): string[] {
  const said = new Set(namesOf(online));
  const names = namesOf(test);
  const strange = names.filter((name) => !said.has(name));
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  return [
    ...(strange.length > 0 ? [`${strange.length} requests that nobody said: ${some(strange)}`] : []),
    ...(twice.length > 0 ? [`${twice.length} requests carried out twice: ${some(twice)}`] : []),
  ];
}

const placeOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1]);

/** What a client said comes as it was said, on however many connections. */
function order(test: readonly ServerEvent[]): string[] {
  const last = new Map<number, number>();
  const late = heardIn(test).filter(({ clientPort, request = '' }) => {
    const before = last.get(clientPort) ?? -1;
    last.set(clientPort, placeOf(request));
    return placeOf(request) < before;
  });
  return late.length === 0 ? [] : [`${late.length} requests out of order: ${some(namesOf(late))}`];
}

function time(
  { expects }: Kind,
  online: readonly ServerEvent[],
  test: readonly ServerEvent[],
  isLate: boolean,
): string[] {
  const { behindMax_ms = BEHIND_MAX_MS } = expects;
  const behind_ms = behindOf(online, test);
  return behind_ms <= (isLate ? behindMax_ms * LATE_FACTOR : behindMax_ms)
    ? []
    : [`a request came ${behind_ms} ms behind the online server's`];
}

/** The longest, in milliseconds. */
function behindOf(online: readonly ServerEvent[], test: readonly ServerEvent[]): number {
  const said = new Map(heardIn(online).map(({ request, at_ms }) => [request, at_ms]));
  const behind = heardIn(test).map(({ request, at_ms }) => at_ms - (said.get(request) ?? at_ms));
  return behind.reduce((most, one) => Math.max(most, one), 0);
}

/** What is missing is told to be in doubt, and of what is there only what the test server left open. */
function doubts(
  { client, expects, test: { stalls } }: Kind,
  online: readonly ServerEvent[],
  test: readonly ServerEvent[],
  { doubtful, refused, isLate }: { readonly doubtful: number; readonly refused: number; isLate: boolean },
): string[] {
  const missing = missingIn(online, test);
  const open = test.filter(({ what }) => what === 'died').length;
  const least = { none: 0, lost: missing.length, undecided: missing.length + open };
  const expected = least[expects.doubtful ?? 'none'];
  // Words that went out early, on a busy machine: what it heard behind the request with whose answer it closes it does not answer,
  // and where two are acknowledged before one answer, nobody knows whose that was.
  const unanswered = Math.max(
    0,
    heardIn(test).length - test.filter(({ what }) => what === 'answered').length,
  );
  const lost = expects.doubtful === 'lost' ? unanswered + missing.length : 0;
  const together = expected > 0 ? test.filter((event) => event.together).length : 0;
  // What was answered so late that more was said meanwhile may stay in doubt; where clients pipeline, all of it.
  const lateShare = client.pipelined === undefined ? LATE_DOUBT_MAX_SHARE : 1;
  const behind = isLate && expects.doubtful ? heardIn(test).length * lateShare : 0;
  const most = expected + lost + together + behind;
  // What is said until it is reset goes out with its client's timing, and is in doubt: all of it where that takes so long.
  const late = test.filter(({ what, slow }) => what === 'opened' && slow).length * client.requests;
  // A stall that was shorter, on a machine that was idle.
  const silent_ms = stalls ? longestSilence(test) : 0;
  const isTakenForRead = silent_ms >= TAKEN_FOR_READ_MS;
  return [
    ...(doubtful <= most && (doubtful >= expected - refused || isTakenForRead)
      ? []
      : [`${doubtful} requests are told to be in doubt, not ${expected}`]),
    ...(missing.length <= heardIn(online).length * (expects.lostMax ?? LOST_MAX_SHARE) + late
      ? []
      : [`${missing.length} requests are lost, and need not have been`]),
    ...(missing.length <= doubtful + refused || isTakenForRead
      ? []
      : [
          `${missing.length} requests are missing: ${some(missing)}` +
            (stalls
              ? `; it said nothing for ${silent_ms} ms at the most, on a machine that was ${isLate ? 'busy' : 'idle'}`
              : ''),
        ]),
  ];
}

/** Behind an answer, until it goes on for the same client, in milliseconds. */
function longestSilence(test: readonly ServerEvent[]): number {
  const answeredAt = new Map<number, number>();
  let longest_ms = 0;
  for (const { what, clientPort, at_ms } of test) {
    const since_ms = answeredAt.get(clientPort);
    if (since_ms !== undefined) longest_ms = Math.max(longest_ms, at_ms - since_ms);
    if (what === 'answered') answeredAt.set(clientPort, at_ms);
    else answeredAt.delete(clientPort);
  }
  return longest_ms;
}

/** Until the middle of the load it may be learned how the test server answers. */
function early({ client, expects: { earlyMax } }: Kind, test: readonly ServerEvent[]): string[] {
  if (earlyMax === undefined || isStarved(test)) return [];
  const later = heardIn(test).filter(({ request = '' }) => placeOf(request) >= client.requests / 2);
  const share = later.filter((event) => event.early).length / Math.max(1, later.length);
  return share <= earlyMax
    ? []
    : [`${Math.round(share * 100)} % of the requests came in the middle of an answer`];
}

function isStarved(test: readonly ServerEvent[]): boolean {
  const answered = test.filter(({ what }) => what === 'answered');
  return answered.filter(({ slow }) => slow).length > answered.length * SLOW_MAX_SHARE;
}

function ends(
  { client, expects: { closesWithin_ms, isAnswered } }: Kind,
  online: readonly ServerEvent[],
  test: readonly ServerEvent[],
  isLate: boolean,
): string[] {
  const problems: string[] = [];
  const answered = test.filter(({ what }) => what === 'answered').length;
  const requests = client.connections * client.requests;
  if (isAnswered && answered !== requests) problems.push(`${answered} of ${requests} answers were given`);
  if (closesWithin_ms === undefined) return problems;
  const closed = (events: readonly ServerEvent[]): Map<number, number> =>
    new Map(
      events.filter(({ what }) => what === 'closed').map(({ clientPort, at_ms }) => [clientPort, at_ms]),
    );
  const there = closed(test);
  // Copied requests may come later than they were said; only behind them can a connection be closed.
  const lastHeard = new Map(heardIn(test).map(({ clientPort, at_ms }) => [clientPort, at_ms]));
  const patience_ms = isLate ? closesWithin_ms * LATE_FACTOR : closesWithin_ms;
  const late = [...closed(online)].filter(
    ([port, at_ms]) =>
      (there.get(port) ?? Infinity) - Math.max(at_ms, lastHeard.get(port) ?? 0) > patience_ms,
  );
  if (late.length > 0) problems.push(`${late.length} connections stayed open for too long`);
  return problems;
}

function connections({ client, expects: { connectionsMax } }: Kind, test: readonly ServerEvent[]): string[] {
  const opened = test.filter(({ what }) => what === 'opened').length;
  return connectionsMax === undefined || opened <= client.connections * connectionsMax
    ? []
    : [`${opened} connections were asked for`];
}
