/** Worlds whose clients say several requests in a row before they read, to a test server that closes in the middle of them. */
import type { WorldPlan } from './plan';
import { Random } from './random';
import { stallingPlan } from './stalling';

/** Requests are read one at a time; what the test server has not read when it closes is lost. */
export function pipeliningPlan(seed: number): WorldPlan {
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
      return waits
        ? { ...exchange, testDiffers_bytes: 0 }
        : { ...exchange, testDiffers_bytes: 0, waits, pause_ms: 0, acknowledges: false };
    });
    return { ...connection, exchanges };
  });
  const server = { ...plan.server, sendBuffer_bytes: undefined };
  return { ...plan, server, connections, events: random.chance(0.5) ? plan.events : [] };
}
