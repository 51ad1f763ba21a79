/** What is told of answers that one server gave and the other did not. */
import { LEFT_REASONS } from '../../../../src/session/exchange/answering';
import type { Counters } from '../../../../src/session/tables/counters';
import type { ConnectionPlan, WorldPlan } from '../plan/plan';

/** @param isPlain nothing is lost, and every request is said behind the answer before it */
export function judgePairs(
  counters: Counters,
  { events, options, server, connections }: WorldPlan,
  isPlain: boolean,
  hold: (holds: boolean, problem: string) => void,
): void {
  let only = counters.answers_test_only;
  hold(
    only <= counters.answers_timed,
    `${only} requests were answered by the test server only, and fewer at all`,
  );
  for (const reason of LEFT_REASONS) {
    const online = counters[`answers_online_only_${reason}`];
    const missing = counters[`answers_missing_${reason}`];
    hold(
      online <= missing,
      `${online} answers were the online server's only (${reason}), and ${missing} are missing`,
    );
    only += online;
  }
  const areAlike =
    isPlain &&
    events.length === 0 &&
    Object.keys(options).length === 0 &&
    server.manner.kind === 'alike' &&
    connections.every(
      ({ ending, testEnds, exchanges }) => ending === 'client' && !testEnds && exchanges.every(isSame),
    );
  hold(!areAlike || only === 0, `${only} requests were answered by one server only, and both answer all`);
}

/** One byte could be the end of a connection. */
const isSame = ({ response_bytes, testDiffers_bytes }: ConnectionPlan['exchanges'][number]): boolean =>
  response_bytes > 1 && testDiffers_bytes === 0;
