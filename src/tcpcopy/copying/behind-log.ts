/** Tells how far the copy is behind its clients, and which of their requests are in doubt: in the log, and not too often. */
import type { Log } from '../../process/log';
import type { DoubtfulRequests } from '../../session/contract';
import { formatEndpoint } from '../../wire/flow';

/** Further behind, and somebody should know. */
const BEHIND_MS = 10_000;
const CAUGHT_UP_MS = 1000;
/** How often it is looked how late the copy is, while words wait. */
const LOOK_EVERY_MS = 1000;
/** More are only counted. */
const DOUBTFUL_LINES_MAX = 1000;

export class BehindLog {
  #isBehind = false;
  #doubtfulLines = 0;
  #look: NodeJS.Timeout | undefined;

  constructor(private readonly log: Log) {}

  /** Looks again and again, for as long as words wait. @param lateness_ms as of `late` */
  watch(lateness_ms: () => number): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      const now_ms = lateness_ms();
      this.late(now_ms);
      if (now_ms > 0) this.watch(lateness_ms);
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.#look);
  }

  /** @param lateness_ms how old the oldest words are that were not sent yet */
  late(lateness_ms: number): void {
    if (!this.#isBehind && lateness_ms >= BEHIND_MS) {
      this.#isBehind = true;
      this.log.warning('behind its clients', {
        lateness_ms: Math.round(lateness_ms),
        next: 'the test server is slower than the online server: copy fewer connections with -r, or bound it with --late-max; what waits is held in memory up to -m',
      });
    } else if (this.#isBehind && lateness_ms < CAUGHT_UP_MS) {
      this.#isBehind = false;
      this.log.info('caught up with its clients');
    }
  }

  doubtful({ clientAddress, clientPort, count, sequence, bytes }: DoubtfulRequests): void {
    this.#doubtfulLines += 1;
    if (this.#doubtfulLines > DOUBTFUL_LINES_MAX) return;
    this.log.info('requests in doubt', {
      client: formatEndpoint(clientAddress, clientPort),
      count,
      sequence,
      bytes,
      ...(this.#doubtfulLines === DOUBTFUL_LINES_MAX && { next: 'more are counted only: requests_doubtful' }),
    });
  }
}
