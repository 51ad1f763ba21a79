/** Carries out the end in order, and tells the log of it. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from '../control/server';
import type { Log } from '../process/log';
import { BURIAL_MAX_MS, Ending } from './ending';
import type { GuardRounds } from './guard-rounds';
import type { Orphans } from './orphans';
import type { ReplySource } from './replies/reply-source';

const TOLD_AFTER_MS = 500;
const LOOK_EVERY_MS = 25;

interface Guarding {
  readonly rounds: GuardRounds;
  readonly orphans: Orphans<Peer>;
  readonly peers: ReadonlySet<Peer>;
  readonly source: ReplySource;
  readonly log: Log;
}

/** Resolves when no copied connection is left, or else when waiting any longer would help nobody. */
export async function endUnderGuard({
  rounds,
  orphans,
  peers,
  source,
  log,
}: Guarding): Promise<'over' | 'given-up'> {
  rounds.end('intercept is stopping');
  const begun_ms = performance.now();
  const ending = new Ending(orphans, begun_ms);
  let told = false;
  for (;;) {
    const now_ms = performance.now();
    const stage = ending.look(peers, () => source.connections(orphans.copied), now_ms);
    if (stage === 'over') {
      log.info('no copied connection is left');
      return stage;
    }
    if (stage === 'given-up') {
      const next = 'keep the rule until they are gone: ss -tn on the test server (ss -K ends them)';
      log.error('copied connections stay behind', { connections: ending.left, next });
      return stage;
    }
    if (!told && stage === 'burying' && now_ms - begun_ms > TOLD_AFTER_MS) {
      const { reason = 'the test server does not answer' } = rounds;
      const next = `intercept stays for up to ${BURIAL_MAX_MS / 1000} s to reset them, so that none of them speaks to a client; a second signal ends it at once`;
      log.warning('copied connections are left', { connections: ending.left, reason, next });
      told = true;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
