/** Worlds in which copies come under an address of the online server, beside its own programs; and what goes wrong there. */
import { Orphans } from '../../../src/intercept/orphans';
import { Passlist } from '../../../src/passlist/passlist';
import { Engine } from '../../../src/session/engine';
import { ONLINES } from './addresses';
import type { MakeOrphans } from './intercept';
import { drawPlan } from './plan/draw';
import type { WorldPlan } from './plan/plan';
import { Random } from './plan/random';
import type { MakeEngine } from './world';

const FIRST = 61_000;
/** So few that they are used again soon. */
const PORTS = [20, 24, 40];

/** The drawn world, under the online server's own address. Programs hold some ports of the range. */
export function ownPlan(seed: number): WorldPlan {
  const plan = drawPlan(seed);
  const random = new Random(seed ^ 0x0a);
  const ports = { first: FIRST, last: FIRST + random.pick(PORTS) - 1 };
  const addresses = [ONLINES[0]!];
  const heldPorts = random.chance(0.5) ? [FIRST, FIRST + random.between(1, 5)] : [];
  const options = { ...plan.options, sourceAddresses: addresses, own: { addresses, ports } };
  return { ...plan, options, heldPorts, takenPorts: [] };
}

interface KnownBad {
  readonly makeEngine?: MakeEngine;
  readonly makeOrphans?: MakeOrphans;
  readonly complains: RegExp;
}

export const KNOWN_BAD_WITH_OWN: Readonly<Record<string, KnownBad>> = {
  'an engine that takes ports which programs hold': {
    makeEngine: (options, outputs) => new Engine(options, { ...outputs, isHeld: () => false }),
    complains: /which a program holds/,
  },
  'an engine that takes any port of the address': {
    makeEngine: (options, outputs) => {
      const engine = new Engine({ ...options, own: { addresses: [], ports: options.own!.ports } }, outputs);
      // It does not heed the passlist either, which would have it copy nothing.
      engine.setPasslist = () => undefined;
      return engine;
    },
    complains: /to which responses are let through/,
  },
  'an intercept that takes all of the address for its programs': {
    makeOrphans: (host) => new Orphans(host, new Passlist([ONLINES[0]!])),
    complains: /were left open|was left|were not reset in time/,
  },
  'an intercept that takes none of the address for its programs': {
    makeOrphans: (host) => new Orphans(host, new Passlist()),
    complains: /which is on the passlist/,
  },
};
