import { expectWorldsToHold } from './world/expect-worlds';
import { MANNER_KINDS } from './world/plan/manners';

/** What is rare is met in these, which others may do without. */
const { SIM_SEEDS, SIM_FIRST_SEED } = process.env;
const ofTheUsual = SIM_SEEDS === undefined && SIM_FIRST_SEED === undefined ? test : test.skip;
/** No world is large enough for the first three, none has two families, programs with ports of their own (own-worlds), talks to anybody else, or has routers; others are too rare. */
const BEYOND = [
  'mptcp',
  'session-memory',
  'no-port',
  'lingers_cut_short',
  'other-family',
  'source_ports_held',
  'no-transfer',
  'out-of-window',
  'packets_too_big',
  'requests_given_up_',
  'test-refused',
  'test-closed',
  'requests_refused',
];

describe('in a simulated world', () => {
  const met = expectWorldsToHold();

  ofTheUsual('they meet every reason for which something can be lost, and everything that is counted', () => {
    const never = Object.entries(met.counters).flatMap(([name, count]) => (count === 0 ? [name] : []));
    expect(never.filter((name) => !BEYOND.some((part) => name.includes(part)))).toEqual([]);
    expect(met.kinds.size).toBe(16);
    expect(met.manners.size).toBe(MANNER_KINDS.length);
  });
});
