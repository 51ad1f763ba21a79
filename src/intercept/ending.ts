/** The end of the guard in order: nothing that it was for is left on the test server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from '../control/server';
import type { Log } from '../process/log';
import type { GuardRounds } from './guard-rounds';
import type { Orphans } from './orphans';
import type { ReplySource } from './reply-source';

/** A tcpcopy resets its own connections; then whatever it still holds is buried. */
const PARTING_MS = 300;
const BURIAL_MAX_MS = 10_000;
const TOLD_AFTER_MS = 500;
const LOOK_EVERY_MS = 25;

interface Ending {
  readonly rounds: GuardRounds;
  readonly orphans: Orphans;
  readonly peers: ReadonlySet<Peer>;
  readonly source: ReplySource;
  readonly log: Log;
}

/** Resolves when no copied connection is left, or when waiting any longer would help nobody. */
export async function endUnderGuard({ rounds, orphans, peers, source, log }: Ending): Promise<void> {
  rounds.end('intercept is stopping');
  const begun_ms = performance.now();
  const lasts_ms = (): number => performance.now() - begun_ms;
  const left = (): number => {
    orphans.reconcile(source.connections(orphans.copied));
    return orphans.size;
  };
  while (orphans.router.counters.routes > 0 && lasts_ms() < PARTING_MS) await sleep(LOOK_EVERY_MS);
  orphans.forgetAll([...peers]);
  let told = false;
  let count = left();
  for (; count > 0 && lasts_ms() < BURIAL_MAX_MS; count = left()) {
    if (!told && lasts_ms() > TOLD_AFTER_MS) {
      const { reason = 'the test server does not answer' } = rounds;
      const next = `intercept stays for up to ${BURIAL_MAX_MS / 1000} s to reset them, so that none of them speaks to a client; a second signal ends it at once`;
      log.warning('copied connections are left', { connections: count, reason, next });
      told = true;
    }
    await sleep(LOOK_EVERY_MS);
  }
  if (count > 0) {
    const next = 'keep the rule until they are gone: ss -tn on the test server (ss -K ends them)';
    log.error('copied connections stay behind', { connections: count, next });
  } else log.info('no copied connection is left');
}
