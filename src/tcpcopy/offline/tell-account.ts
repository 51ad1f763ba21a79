/** Tells the account of a replay: in the log, and on standard output. */
import type { Log } from '../../process/log';
import { accountText, losses, type Account } from './account';

const EXIT_LOST = 1;

/** @returns the exit status */
export function tellAccount(account: Account, log: Log): number {
  const lost = losses(account);
  const { duration_ms, captured_ms, lateness_ms, times, online } = account;
  log.info('replayed', { duration_ms, captured_ms, lateness_ms, times, online, lost });
  process.stdout.write(accountText(account));
  return lost.length === 0 ? 0 : EXIT_LOST;
}
