/** Worlds whose clients say several requests in a row before they read, to a test server that closes in the middle of them. */
import type { WorldPlan } from './plan';
import { Random } from './random';
import { stallingPlan } from './stalling';

/** How it is otherwise than online. */
export interface Otherwise {
  /** How much longer each answer is. */
  readonly differs_bytes?: number;
  /** Writes of each answer. */
  readonly parts?: number;
  /** Of tcpcopy: -W. */
  readonly waitForAnswers?: false;
}

/** Requests are read one at a time; what the test server has not read when it closes is lost. */
export function pipeliningPlan(
  seed: number,
  { differs_bytes = 0, parts = 1, ...options }: Otherwise = {},
): WorldPlan {
  const plan = stallingPlan(seed);
  const random = new Random(seed ^ 0x919e);
  const connections = plan.connections.map((connection) => {
    let left = 0;
    const last = connection.exchanges.length - 1;
    const exchanges = connection.exchanges.map((exchange, place) => {
      if (left === 0) left = random.between(1, 8);
      left -= 1;
      const waits = left === 0 || place >= last - 1;
      if (waits) left = 0;
      const plan = { ...exchange, testDiffers_bytes: differs_bytes, parts };
      return waits ? plan : { ...plan, waits, pause_ms: 0, acknowledges: false };
    });
    return { ...connection, exchanges };
  });
  const server = { ...plan.server, sendBuffer_bytes: undefined };
  return { ...plan, options, server, connections, events: random.chance(0.5) ? plan.events : [] };
}
