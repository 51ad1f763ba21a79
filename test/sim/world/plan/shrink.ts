/** Makes a failing world smaller, one thing at a time, for as long as it still fails. Deterministic, as all of it. */
import { ALIKE } from './manners';
import { NO_FAULTS, type ConnectionPlan, type ExchangePlan, type Faults, type WorldPlan } from './plan';

/** Tries; a world that is still large then is printed as it is. */
const TRIES_MAX = 3000;

/** @param fails whether a plan still shows the failure */
export function shrink(plan: WorldPlan, fails: (plan: WorldPlan) => boolean): WorldPlan {
  let smallest = plan;
  let tries = 0;
  for (let smaller = true; smaller;) {
    smaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (++tries > TRIES_MAX) return smallest;
      if (!fails(candidate)) continue;
      smallest = candidate;
      smaller = true;
      break;
    }
  }
  return smallest;
}

/** The same world without one thing, the largest first. */
function* smallerThan(plan: WorldPlan): Generator<WorldPlan> {
  for (const connections of without(plan.connections)) yield { ...plan, connections };
  for (const events of without(plan.events)) yield { ...plan, events };
  for (const name of Object.keys(plan.options) as (keyof WorldPlan['options'])[]) {
    const others = Object.entries(plan.options).filter(([other]) => other !== name);
    yield { ...plan, options: Object.fromEntries(others) };
  }
  for (const name of Object.keys(NO_FAULTS) as (keyof Faults)[]) {
    if (plan.faults[name] !== NO_FAULTS[name])
      yield { ...plan, faults: { ...plan.faults, [name]: NO_FAULTS[name] } };
  }
  if (plan.captureStarts_ms > 0) yield { ...plan, captureStarts_ms: 0 };
  if (plan.armedAt_ms > plan.captureStarts_ms) yield { ...plan, armedAt_ms: plan.captureStarts_ms };
  if (plan.takenPorts.length > 0) yield { ...plan, takenPorts: [] };
  if (plan.passlist.length > 0) yield { ...plan, passlist: [] };
  if (plan.server.manner.kind !== 'alike') yield { ...plan, server: { ...plan.server, manner: ALIKE } };
  if (plan.server.slowRead) yield { ...plan, server: { ...plan.server, slowRead: undefined } };
  if (plan.server.receiveWindow_bytes !== 65_535)
    yield { ...plan, server: { ...plan.server, receiveWindow_bytes: 65_535 } };
  for (const [index, connection] of plan.connections.entries()) {
    for (const smaller of smallerConnections(connection)) {
      yield { ...plan, connections: plan.connections.with(index, smaller) };
    }
  }
}

function* smallerConnections(plan: ConnectionPlan): Generator<ConnectionPlan> {
  for (const [index, exchanges] of [...without(plan.exchanges)].entries()) {
    const { testEnds } = plan;
    const behind = testEnds && testEnds.behind > index ? testEnds.behind - 1 : testEnds?.behind;
    yield { ...plan, exchanges, testEnds: testEnds && { ...testEnds, behind: behind! } };
  }
  if (plan.greeting_bytes > 0) yield { ...plan, greeting_bytes: 0 };
  if (plan.testEnds) yield { ...plan, testEnds: undefined };
  if (plan.ending !== 'client') yield { ...plan, ending: 'client' };
  for (const [index, exchange] of plan.exchanges.entries()) {
    for (const smaller of smallerExchanges(exchange)) {
      yield { ...plan, exchanges: plan.exchanges.with(index, smaller) };
    }
  }
}

function* smallerExchanges(plan: ExchangePlan): Generator<ExchangePlan> {
  if (plan.writes.length > 1) yield { ...plan, writes: plan.writes.slice(1) };
  if (plan.parts > 1) yield { ...plan, parts: 1 };
  if (plan.testDiffers_bytes !== 0) yield { ...plan, testDiffers_bytes: 0 };
  if (plan.writeGap_ms > 0) yield { ...plan, writeGap_ms: 0 };
}

/** The list without one of its members, for each of them. */
function* without<T>(list: readonly T[]): Generator<T[]> {
  for (let index = 0; index < list.length; index += 1) yield list.toSpliced(index, 1);
}
