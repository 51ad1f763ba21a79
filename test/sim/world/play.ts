/** One world from one seed: faults, servers and scripts are all drawn from it. */
import type { Engine } from '../../../src/session/engine';
import type { EngineOutputs } from '../../../src/session/contract';
import { Random } from './random';
import type { ConnectionScript } from './script';
import { drawFaults, makeScript, NO_FAULTS, World, type WorldReport } from './world';
import type { ServerBehaviour } from './test-server';

const drawBehaviour = (random: Random): ServerBehaviour => ({
  receiveWindow_bytes: random.pick([65_535, 65_535, 4096, 500_000]),
  slowRead: random.chance(0.15)
    ? { bytes: random.between(500, 8000), every_ms: random.between(1, 30) }
    : undefined,
  windowScale: random.chance(0.7) ? random.between(0, 9) : undefined,
  segment_bytes: random.pick([1460, 1460, 536, 100]),
});

/** A client's next connection on a port begins well above the last one (RFC 6528). */
function followSequences(scripts: ConnectionScript[], random: Random): void {
  const last = new Map<number, number>();
  for (const [index, script] of scripts.entries()) {
    const before = last.get(script.clientPort);
    const initialSequence =
      before === undefined ? script.initialSequence : (before + random.between(1_000_000, 500_000_000)) >>> 0;
    scripts[index] = { ...script, initialSequence };
    last.set(script.clientPort, initialSequence);
  }
}

export interface PlayOptions {
  readonly faultless?: boolean;
  readonly makeEngine?: (outputs: EngineOutputs) => Engine;
  /** Told of every segment. */
  readonly trace?: (line: string) => void;
}

export function play(seed: number, { faultless = false, makeEngine, trace }: PlayOptions = {}): WorldReport {
  const random = new Random(seed ^ 0x5eed);
  const faults = faultless ? NO_FAULTS : drawFaults(random);
  const world = new World(seed, faults, drawBehaviour(random), makeEngine);
  world.trace = trace;
  const connections = random.between(1, 8);
  const scripts = Array.from({ length: connections }, (_, index): ConnectionScript => {
    // Some ports are used again, at times before the copy of their last connection is over.
    const port = 20_000 + (random.chance(0.2) ? 0 : index);
    return makeScript(random, index + 1, port, random.between(0, 50));
  });
  followSequences(scripts, random);
  trace?.(JSON.stringify({ faults, scripts }));
  return world.run(scripts);
}
