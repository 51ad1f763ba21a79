/** What must hold when a world has come to rest. */
import { MISSING_REASONS } from '../../../src/session/exchange/answering';
import { COMEBACK_MAX_MS } from '../../../src/guard/burial';
import { SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import {
  GIVE_UP_REASONS,
  REFUSAL_REASONS,
  type Counters,
  type GiveUpReason,
} from '../../../src/session/tables/counters';
import type { EndpointKey } from '../../../src/wire/flow';
import { keepsConnections, leavesDoubt, type MannerKind } from './plan/manners';
import {
  NO_FAULTS,
  sameEndpoints,
  sum,
  type ConnectionPlan,
  type Ending,
  type EventKind,
  type Faults,
  type WorldPlan,
} from './plan/plan';
import { judgePairs } from './rules/pairs';
import { heardFrom, type Track } from './rules/track';
import type { World } from './world';

/** A TCP outlasts a server that is dead for this long, and losses of this share. */
const OUTLASTED_MS = 20_000;
const OUTLASTED_SHARE = 0.1;

const UNTIMED = MISSING_REASONS.map((reason) => `answers_missing_${reason}`);
const sumOf = (counters: Counters, names: readonly string[]): number =>
  names.reduce((total, name) => total + (counters as Record<string, number>)[name]!, 0);

const GIVEN_UP = GIVE_UP_REASONS.map((reason) => `sessions_given_up_${reason}`);
const REFUSED = REFUSAL_REASONS.map((reason) => `copies_refused_${reason}`);
const UNSENT = GIVE_UP_REASONS.map((reason) => `requests_given_up_${reason}`);

/** Copies that were interrupted. */
export const givenUpOf = (counters: Counters): number =>
  sumOf(counters, GIVEN_UP) - counters['sessions_given_up_left-out'];

/** Copies that were not begun. */
export const refusalsOf = (counters: Counters): number => sumOf(counters, REFUSED);

export function judge(world: World): void {
  const { engine, violations, plan, tracks } = world;
  const { counters } = engine;
  const hold = (holds: boolean, problem: string): void => {
    if (!holds) violations.push(problem);
  };
  for (const reason of GIVE_UP_REASONS) {
    const count = counters[`sessions_given_up_${reason}`];
    hold(count === 0 || mayGiveUp(plan, reason), `${count} copies were given up as ${reason} without need`);
  }
  for (const track of tracks) judgeTrack(world, track);
  judgeDoubts(world, hold);
  judgeWaits(world, hold);
  judgeAsking(world, hold);
  const left = world.host.open().filter((client) => !mayStay(world, client)).length;
  hold(left === 0, `${left} connections were left open on the test server`);
  const { routes, others, buried } = world.control;
  hold(routes === others, `intercept was left with ${routes} routes, not ${others}`);
  const { orphans_found, orphans_buried, orphans_unanswered, orphans_taken_over } = buried;
  hold(
    orphans_found === orphans_buried! + orphans_unanswered! + orphans_taken_over!,
    'orphans found are not orphans buried, unanswered and taken over',
  );
  // Nobody knows any more what a program counted that was killed.
  if (world.killed) return;
  hold(engine.memoryUsed_bytes === 0, `${engine.memoryUsed_bytes} bytes were left held`);
  hold(engine.sessionCount === 0, `${engine.sessionCount} sessions were left open`);
  hold(engine.nextDeadline_ms() === Infinity, 'a timer was left');
  hold(world.rules.registered === 0, `${world.rules.registered} routes were left registered`);
  const prefixed = Object.keys(counters).filter((name) => name.startsWith('segments_dropped_'));
  hold(
    counters.segments_captured === counters.segments_used + sumOf(counters, prefixed),
    'segments captured are not segments used and dropped',
  );
  hold(
    counters.sessions_started === counters.sessions_completed + sumOf(counters, GIVEN_UP),
    'sessions started are not sessions completed and given up',
  );
  const asked = counters.requests_sent + counters.requests_said_again;
  const told = counters.answers_timed + sumOf(counters, UNTIMED);
  hold(told === asked, `${asked} requests were said, and ${told} answers told or missed`);
  judgePairs(counters, plan, isFaultless(plan) && plan.connections.every(isLockstep), hold);
  hold(
    counters.requests_captured === counters.requests_sent + sumOf(counters, UNSENT),
    'requests captured are not requests sent and given up',
  );
}

/** Until its tcpcopy cannot come back; as long again if what it expects was not heard; and two attempts. */
const BURIED_WITHIN_MS = 2 * COMEBACK_MAX_MS + 1300;

/** When what a killed tcpcopy has left is buried, whatever else happens. */
export const buriedUntil_ms = ({ events }: WorldPlan): number =>
  Math.max(...events.map((event) => event.at_ms + event.for_ms)) + BURIED_WITHIN_MS;

/** At that time. */
export function judgeBurial({ host, plan, mayLose, violations }: World): void {
  const left = host.open().length;
  // What another intercept does not know of, another tcpcopy's, and what hears nothing, is not buried.
  const isExcused =
    plan.takenPorts.length > 0 ||
    plan.server.manner.kind === 'ends-unheard' ||
    plan.events.some((event) => event.kind === 'intercept-restarts');
  if (left > 0 && !mayLose && !isExcused)
    violations.push(`${left} connections of a tcpcopy that was killed were not reset in time`);
}

/** A minute of silence behind a loss that was reported, and until its last words are answered, with retransmissions. */
export const HEARD_OUT_MS = 110_000;
const LOSES_ONLY: ReadonlySet<EventKind> = new Set(['capture-loses', 'machine-busy', 'turn-late']);

export type LossWorld = Pick<World, 'engine' | 'plan' | 'tracks' | 'violations' | 'killed'>;

/** Who said all before that time, and whose end was lost then, is no longer waited for. */
export function judgeLoss({ engine, plan, tracks, violations, killed }: LossWorld, lostAt_ms: number): void {
  const isAlone = plan.events.every(({ kind }) => LOSES_ONLY.has(kind));
  const isAnswered =
    plan.server.manner.kind === 'alike' &&
    plan.connections.every(({ ending, testEnds }) => !testEnds && !CLOSED_BY_SERVER.has(ending));
  const isOver = tracks.every(({ conversation }) => conversation.ends_ms < lostAt_ms);
  if (killed || !isAlone || !isAnswered || !isOver || engine.sessionCount === 0) return;
  violations.push(`${engine.sessionCount} sessions were still open long behind a loss`);
}

/**
 * A connection may stay on the test server if nobody can know of it: the reset that ended its copy in order was lost, or
 * intercept was killed, and it says nothing to the next one. Or if the test server could not be told for longer than
 * anybody tries.
 */
function mayStay({ plan: { events }, endedUnseen, control }: World, client: EndpointKey): boolean {
  const happens = (sought: EventKind): boolean => events.some(({ kind }) => kind === sought);
  const isDeaf = happens('server-dead') && control.leftBehind > 0;
  return endedUnseen.has(client) || happens('intercept-restarts') || isDeaf;
}

type Hold = (holds: boolean, problem: string) => void;

/** Nothing is in doubt without need. */
function judgeDoubts({ plan, engine: { counters } }: World, hold: Hold): void {
  const { server, options, connections } = plan;
  const isPlain =
    isFaultless(plan) &&
    plan.events.length === 0 &&
    options.waitForAnswers !== false &&
    options.lateMax_ms === undefined;
  const manner = server.manner;
  const mayDoubt =
    leavesDoubt(manner) ||
    (manner.kind === 'closes' && (manner.late_ms > 0 || !connections.every(isLockstep))) ||
    // Its own end comes where it was not expected.
    connections.some(
      (one) => CLOSED_BY_SERVER.has(one.ending) && !(manner.kind === 'alike' && isLockstep(one)),
    ) ||
    connections.some(({ testEnds }) => testEnds) ||
    isAmbiguous(connections);
  hold(
    !isPlain || mayDoubt || counters.requests_doubtful === 0,
    `${counters.requests_doubtful} requests are in doubt without need`,
  );
  const isOnlyReset = isFaultless(plan) && plan.events.every(({ kind }) => kind === 'server-resets');
  const lostToResets = connections.length * QUIETS * plan.events.length;
  hold(
    counters.requests_doubtful <= lostToResets ||
      plan.events.length === 0 ||
      !isOnlyReset ||
      manner.kind !== 'alike' ||
      !connections.every(isLockstep) ||
      Object.keys(options).length > 0,
    `${counters.requests_doubtful} requests were said to who resets connections, not ${lostToResets}`,
  );
  hold(
    counters.requests_refused === 0 ||
      !isOnlyReset ||
      !keepsConnections(manner) ||
      options.waitForAnswers === false,
    `${counters.requests_refused} requests were refused twice without need`,
  );
}

/** Waits for a reset behind the handshake that are tried, none among them. */
const QUIETS = 4;

const CLOSED_BY_SERVER: ReadonlySet<Ending> = new Set(['server', 'server-half', 'simultaneous']);

const isLockstep = ({ exchanges, ending }: ConnectionPlan): boolean =>
  ending !== 'client-half' && exchanges.every(({ waits, response_bytes }) => waits && response_bytes > 0);

/**
 * One request in several writes, and its answer in several as well, look like as many that were answered one by one, as those of a
 * client that pipelines are; and where lengths differ, what is missing of another answer looks like one. What clients do is learned
 * on all connections of a transfer.
 */
function isAmbiguous(connections: readonly ConnectionPlan[]): boolean {
  const exchanges = connections.flatMap((one) => one.exchanges);
  return (
    exchanges.some(({ waits, writes, parts }) => !waits || (writes.length > 1 && parts > 1)) &&
    exchanges.some(({ writes }) => writes.length > 1) &&
    exchanges.some(({ testDiffers_bytes }) => testDiffers_bytes !== 0)
  );
}

/** Nobody answers the last words of a client that had not read all before them. */
const endsUnanswered = ({ exchanges }: ConnectionPlan): boolean => exchanges.at(-1)?.response_bytes === 0;

const isFaultless = ({ faults, captureStarts_ms, armedAt_ms }: WorldPlan): boolean =>
  Object.entries(NO_FAULTS).every(([name, value]) => faults[name as keyof Faults] === value) &&
  captureStarts_ms === 0 &&
  armedAt_ms === 0;

/** No guess is paid for twice. */
function judgeWaits({ plan, waits }: World, hold: Hold): void {
  const { options, events, connections, server } = plan;
  if (!isFaultless(plan) || events.length > 0 || Object.keys(options).length > 0) return;
  if (server.slowRead || !keepsConnections(server.manner)) return;
  const requests = sum(connections.map(({ exchanges }) => exchanges.length));
  const pause_ms = longestPause_ms(plan);
  // What is pushed looks like answers, until it ends; and by chance eight are given in a row.
  const known_ms = LOOKS_SURE.has(server.manner.kind) ? KNOWN_MS : SINGLE_MS;
  const single_ms = Math.max(known_ms, LEARNED_TIMES * pause_ms) + TURN_MS;
  const isGreeted = connections.some(({ greeting_bytes }) => greeting_bytes > 0);
  const isMixed =
    MIXED.has(server.manner.kind) ||
    connections.some(({ exchanges }) => exchanges.some(({ parts, waits }) => parts > 1 || !waits));
  // What it greets with, whether it answers, and how its answers end are a behaviour each.
  const kinds = 1 + (isGreeted ? 1 : 0) + (isMixed ? 1 : 0);
  const total_ms =
    kinds * CREDIT_MS + single_ms - SINGLE_MS + (TURN_MS + (isMixed ? SHARE_MS : 0)) * requests;
  hold(
    waits.total_ms <= total_ms,
    `words waited in vain for ${waits.total_ms.toFixed(0)} ms in all, not ${total_ms.toFixed(0)}`,
  );
  hold(
    waits.longest_ms <= single_ms,
    `words waited in vain for ${waits.longest_ms.toFixed(0)} ms, not ${single_ms.toFixed(0)}`,
  );
}

/** A test server that refuses is asked with back-off, and what was lost on its way is sent again soon. */
function judgeAsking({ plan, asked }: World, hold: Hold): void {
  const { faults, events, connections, options, server } = plan;
  const isSteady = Object.entries(NO_FAULTS).every(
    ([name, value]) => name === 'copyLost' || faults[name as keyof Faults] === value,
  );
  if (!isSteady || Object.keys(options).length > 0) return;
  const refuses = events.every(({ kind }) => kind === 'server-refuses' || kind === 'server-resets');
  if (refuses && keepsConnections(server.manner) && faults.copyLost === 0 && plan.takenPorts.length === 0) {
    const most = connections.length * (2 + SYNS_MAX * events.length);
    hold(asked.syns <= most, `${asked.syns} connections were asked for, not ${most}`);
  }
  const isQuick =
    events.length === 0 &&
    !server.slowRead &&
    server.receiveWindow_bytes >= 65_535 &&
    keepsConnections(server.manner);
  if (isQuick && faults.copyLost <= LOST_SELDOM)
    hold(
      asked.slowest_ms <= LOST_MAX_MS,
      `what was lost was sent again after ${asked.slowest_ms.toFixed(0)} ms, not ${LOST_MAX_MS}`,
    );
}

/** In 30 s, with back-off from 0.1 to 5 s; and the first two. */
const SYNS_MAX = 14;
const LOST_SELDOM = 0.05;
/** Two round trips, twice, with the test server's thinking in them; the time-out is 100 ms. */
const LOST_MAX_MS = 60;

/** What comes behind so long a time may pass for the rest of an answer. */
function longestPause_ms({ server: { manner }, connections }: WorldPlan): number {
  const thinks = connections.flatMap(({ exchanges }) => exchanges.map(({ testThinks_ms }) => testThinks_ms));
  const ofServer = manner.kind === 'pieces' ? manner.pause_ms : manner.kind === 'late' ? manner.by_ms : 0;
  return Math.max(0, ...thinks, ofServer);
}

/** What may be waited in vain for each change of the test server's behaviour, for each request where it alternates, and at once. */
const CREDIT_MS = 250;
const SHARE_MS = 20;
const SINGLE_MS = 200;
/** A test server that has answered again and again is waited for for longer, once. */
const KNOWN_MS = 400;
/** A pause that was learned is waited for, and half as long again. */
const LEARNED_TIMES = 1.5;
const TURN_MS = 12;
const LOOKS_SURE: ReadonlySet<MannerKind> = new Set(['pushes', 'alternates']);
const MIXED: ReadonlySet<MannerKind> = new Set(['alternates', 'pieces', 'late']);

function judgeTrack(world: World, track: Track): void {
  const { plan, host, violations, engine, tracks } = world;
  const { conversation } = track;
  const { id } = conversation.plan;
  const passlisted = plan.passlist.includes(conversation.plan.client) && !plan.options.sourceAddresses;
  const copies = track.notSelected || passlisted ? 0 : (plan.options.copies ?? 1);
  const heard = host.programs.filter(
    (program) => program.conversation === conversation && program.heard_bytes > 0,
  );
  // Where capture was blind, or began, and then saw segments in another order, nobody can know where a request began.
  const lossy =
    plan.faults.missed > 0 ||
    plan.events.some(({ kind }) => kind === 'capture-blind' || kind === 'capture-loses');
  const busy = plan.events.some(({ kind }) => kind === 'machine-busy');
  const blind = lossy || ((plan.captureStarts_ms > 0 || busy) && plan.faults.late > 0);
  for (const program of heard) {
    if (program.wrongAt >= 0) violations.push(`connection ${id} heard a wrong byte at ${program.wrongAt}`);
    const begins = program.from === 0 || conversation.requests.some(({ from }) => from === program.from);
    if (!begins && !blind) violations.push(`connection ${id} was joined in a request, at ${program.from}`);
  }
  const ranges = heard.map(({ from, heard_bytes }) => ({ from, to: from + heard_bytes }));
  // A reset that could not wait for its answer any longer may have cut off what was not read.
  const cut =
    (['reset', 'vanishes'].includes(conversation.plan.ending) ||
      plan.events.some(({ kind }) => kind === 'clients-gone')) &&
    (engine.counters.answers_not_awaited > 0 || plan.options.waitForAnswers === false);
  // A client that goes on behind the online server's end cannot be told from one whose test server throws its words away.
  const looksTold =
    conversation.plan.ending === 'server-half' ||
    conversation.plan.greeting_bytes > 0 ||
    conversation.plan.exchanges.some(({ testDiffers_bytes }) => testDiffers_bytes !== 0);
  const thrown = looksTold && !keepsConnections(plan.server.manner) && !plan.server.oneByOne;
  // Said twice, and refused twice.
  const refused = engine.counters.requests_refused > 0;
  const whole = plan.options.wholeConnectionsOnly === true;
  // What a test server acknowledged, and did not read before it ended the connection, is lost, and nobody can know.
  const unread =
    plan.server.slowRead !== undefined &&
    (conversation.plan.testEnds !== undefined ||
      !keepsConnections(plan.server.manner) ||
      conversation.plan.ending === 'vanishes' ||
      plan.events.some(({ kind }) => kind === 'server-restarts' || kind === 'clients-gone'));
  const isInterrupted =
    blind ||
    cut ||
    unread ||
    thrown ||
    refused ||
    track.interrupted ||
    world.disruptedAt_ms > plan.armedAt_ms;
  for (const { to } of ranges) {
    const isWhole = to === conversation.total_bytes || conversation.requests.some((one) => one.from === to);
    if (track.leftOut && !isInterrupted && track.doubtful.length === 0 && !isWhole)
      violations.push(`connection ${id} was left out in the middle of a request, at ${to}`);
  }
  const from = heardFrom(track, plan.captureStarts_ms, world.disruptedAt_ms, world.queue.lateAt_ms);
  // Whose SYN was missed looks like a stray of the client's last connection on this port for as long as that is copied.
  const stray =
    (lossy || busy) && track.synSeen_ms === undefined && tracks.some((one) => followsOnPort(track, one));
  const mustFrom = cut || stray || unread || thrown || refused || (whole && from > 0) ? Infinity : from;
  const marks = [...conversation.requests.map((request) => request.from), mustFrom, conversation.total_bytes];
  for (const doubt of track.doubtful) marks.push(doubt.from, doubt.to);
  for (const [at, times] of coverage(ranges, marks)) {
    if (at >= conversation.total_bytes) break;
    if (times < copies && track.doubtful.some(({ from, to }) => from <= at && at < to)) continue;
    const request = conversation.requests.findLastIndex((one) => one.from <= at);
    // What capture missed at the end of a connection, nobody can miss.
    const unseen = lossy && track.disturbed.has(request);
    const counted = track.counted || unread || thrown || refused || track.disturbed.has(request);
    if (times > copies) violations.push(`connection ${id} was heard ${times} times at ${at}, not ${copies}`);
    if (times < copies && at >= mustFrom && !unseen)
      violations.push(
        `connection ${id} was heard ${times} times at ${at}, not ${copies}, though it was idle before`,
      );
    else if (times < copies && !counted && !cut)
      violations.push(
        `connection ${id} was heard ${times} times at ${at}, not ${copies}, and no counter says why`,
      );
  }
}

const followsOnPort = (
  { conversation: { plan } }: Track,
  { conversation: { plan: before } }: Track,
): boolean => before.id < plan.id && sameEndpoints(before, plan);

interface Range {
  readonly from: number;
  readonly to: number;
}

/** How often each stretch was heard: where it begins, and how often. */
function coverage(ranges: readonly Range[], marks: readonly number[]): [number, number][] {
  const edges = new Set([...marks.filter(Number.isFinite), ...ranges.flatMap(({ from, to }) => [from, to])]);
  return [...edges]
    .toSorted((a, b) => a - b)
    .map((at) => [at, ranges.filter(({ from, to }) => from <= at && at < to).length]);
}

const SUSPENDS: ReadonlySet<EventKind> = new Set([
  'guard-lost',
  'control-stalls',
  'control-breaks',
  'intercept-restarts',
]);

/** Whether anything in this world excuses that a copy is given up for this reason. */
function mayGiveUp(
  { faults, events, options, connections, ...plan }: WorldPlan,
  reason: GiveUpReason,
): boolean {
  const happens = (...kinds: readonly EventKind[]): boolean =>
    events.some(({ kind }) => kinds.includes(kind));
  const heavy =
    Math.max(faults.copyLost, faults.replyLost, faults.synAckLost) > OUTLASTED_SHARE ||
    events.some(({ kind, for_ms }) => kind === 'server-dead' && for_ms > OUTLASTED_MS);
  const suspended_ms = sum(events.filter(({ kind }) => SUSPENDS.has(kind)).map(({ for_ms }) => for_ms));
  const resets = connections.some(({ testEnds }) => testEnds !== undefined);
  const vanishes = connections.some(({ ending }) => ending === 'vanishes');
  const blind = faults.missed > 0 || happens('capture-blind', 'capture-loses', 'clients-gone');
  // It is joined with a part of a write that was told before the rest of it.
  const beginsLate = plan.captureStarts_ms > 0 || plan.armedAt_ms > 0 || events.length > 0;
  const joinsInMiddle = faults.late > 0 && faults.recut > 0 && beginsLate;
  switch (reason) {
    case 'test-refused':
      return happens('server-refuses', 'server-restarts');
    case 'test-unreachable':
    case 'test-silent':
      return heavy;
    case 'test-closed':
      return !keepsConnections(plan.server.manner) || options.wholeConnectionsOnly === true;
    case 'mptcp':
      return false;
    case 'late':
      return options.lateMax_ms !== undefined;
    case 'test-reset':
      return (
        heavy ||
        resets ||
        happens('server-resets') ||
        !keepsConnections(plan.server.manner) ||
        happens('server-restarts', 'control-stalls')
      );
    case 'test-unanswered':
      return (
        connections.some(endsUnanswered) ||
        plan.server.manner.kind !== 'alike' ||
        heavy ||
        blind ||
        options.response_ms !== undefined ||
        happens('server-restarts') ||
        // Its reset may not have been heard.
        happens('server-resets')
      );
    case 'capture-hole':
      // A request that no copy could be begun for leaves a hole in the copy that the test server had closed. One whose
      // client is gone without a word takes the client's next connection for its own, if its beginning was left out.
      return (
        blind ||
        joinsInMiddle ||
        (vanishes && happens('machine-busy')) ||
        options.sessions_max !== undefined ||
        options.memory_bytes !== undefined
      );
    case 'session-memory':
      return false;
    case 'memory':
      return options.memory_bytes !== undefined;
    case 'idle':
      return (
        heavy ||
        blind ||
        happens('server-restarts') ||
        options.idle_ms !== undefined ||
        options.response_ms !== undefined ||
        vanishes ||
        // Once its end was acknowledged, and nothing is left to be said, nobody finds out that the test server is gone.
        plan.server.manner.kind === 'ends-unheard' ||
        // The copy that it had to make room for was given up before.
        (happens('machine-busy') && options.lateMax_ms !== undefined)
      );
    case 'disarmed':
      return happens('guard-ends') || suspended_ms >= SUSPENDED_MAX_MS;
    case 'unroutable':
      return plan.takenPorts.length > 0;
    case 'left-out':
      return happens('machine-busy');
    case 'shutdown':
      return happens('shutdown');
  }
}
