/** What must hold when a world has come to rest. */
import { SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import {
  GIVE_UP_REASONS,
  REFUSAL_REASONS,
  type Counters,
  type GiveUpReason,
} from '../../../src/session/tables/counters';
import type { EndpointKey } from '../../../src/wire/flow';
import { sum, type EventKind, type WorldPlan } from './plan';
import { heardFrom, type Track } from './track';
import type { World } from './world';

/** A TCP outlasts a server that is dead for this long, and losses of this share. */
const OUTLASTED_MS = 20_000;
const OUTLASTED_SHARE = 0.1;

const sumOf = (counters: Counters, names: readonly string[]): number =>
  names.reduce((total, name) => total + (counters as Record<string, number>)[name]!, 0);

const GIVEN_UP = GIVE_UP_REASONS.map((reason) => `sessions_given_up_${reason}`);
const REFUSED = REFUSAL_REASONS.map((reason) => `copies_refused_${reason}`);
const UNSENT = GIVE_UP_REASONS.map((reason) => `requests_given_up_${reason}`);

export const givenUpOf = (counters: Counters): number => sumOf(counters, GIVEN_UP);

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
  hold(
    counters.requests_captured === counters.requests_sent + sumOf(counters, UNSENT),
    'requests captured are not requests sent and given up',
  );
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

function judgeTrack(world: World, track: Track): void {
  const { plan, host, violations, engine, tracks } = world;
  const { conversation } = track;
  const { id } = conversation.plan;
  const passlisted = plan.passlist.includes(conversation.plan.client) && !plan.options.sourceAddresses;
  const copies = track.notSelected || passlisted ? 0 : (plan.options.copies ?? 1);
  const heard = host.heard.filter((copy) => copy.conversation === conversation).map(({ program }) => program);
  // Where capture was blind, or began, and then saw segments in another order, nobody can know where a request began.
  const lossy = plan.faults.missed > 0 || plan.events.some(({ kind }) => kind === 'capture-blind');
  const blind = lossy || (plan.captureStarts_ms > 0 && plan.faults.late > 0);
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
  const whole = plan.options.wholeConnectionsOnly === true;
  // What a test server acknowledged, and did not read before it ended the connection, is lost, and nobody can know.
  const unread =
    plan.server.slowRead !== undefined &&
    (conversation.plan.testEnds !== undefined ||
      conversation.plan.ending === 'vanishes' ||
      plan.events.some(({ kind }) => kind === 'server-restarts' || kind === 'clients-gone'));
  const from = heardFrom(track, plan.captureStarts_ms, world.disruptedAt_ms);
  // Whose SYN was missed looks like a stray of the client's last connection on this port for as long as that is copied.
  const stray = lossy && track.synSeen_ms === undefined && tracks.some((one) => followsOnPort(track, one));
  const mustFrom = cut || stray || unread || (whole && from > 0) ? Infinity : from;
  const marks = [...conversation.requests.map((request) => request.from), mustFrom, conversation.total_bytes];
  for (const [at, times] of coverage(ranges, marks)) {
    if (at >= conversation.total_bytes) break;
    const request = conversation.requests.findLastIndex((one) => one.from <= at);
    // What capture missed at the end of a connection, nobody can miss.
    const unseen = lossy && track.disturbed.has(request);
    const counted = track.counted || unread || track.disturbed.has(request);
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
): boolean => before.id < plan.id && before.client === plan.client && before.port === plan.port;

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
  const blind = faults.missed > 0 || happens('capture-blind', 'clients-gone');
  switch (reason) {
    case 'test-refused':
      return happens('server-refuses', 'server-restarts');
    case 'test-unreachable':
    case 'test-silent':
      return heavy;
    case 'test-reset':
      return heavy || resets || happens('server-restarts', 'control-stalls');
    case 'test-unanswered':
      return heavy || blind || options.response_ms !== undefined || happens('server-restarts');
    case 'capture-hole':
      // A request that no copy could be begun for leaves a hole in the copy that the test server had closed.
      return blind || options.sessions_max !== undefined || options.memory_bytes !== undefined;
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
        connections.some(({ ending }) => ending === 'vanishes')
      );
    case 'disarmed':
      return happens('guard-ends') || suspended_ms >= SUSPENDED_MAX_MS;
    case 'unroutable':
      return plan.takenPorts.length > 0;
    case 'shutdown':
      return happens('shutdown');
  }
}
