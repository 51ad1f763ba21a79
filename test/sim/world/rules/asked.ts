/** How often the test server is asked for connections, and how soon what was lost is sent again. */
import type { EndpointKey } from '../../../../src/wire/flow';
import type { SegmentView } from '../../../../src/wire/segment';
import { SYN } from '../../../../src/wire/tcp';

export class Asked {
  /** SYNs, one for each time it was sent. */
  syns = 0;
  /** The longest that a segment which was lost once, and not a SYN, waited to be sent again. */
  slowest_ms = 0;
  readonly #lost = new Map<string, number>();
  readonly #lostBefore = new Set<string>();

  sent(client: EndpointKey, view: SegmentView, isLost: boolean, now_ms: number): void {
    if (view.flags & SYN) {
      this.syns += 1;
      return;
    }
    if (view.payloadLength === 0) return;
    const segment = `${client} ${view.sequence}`;
    const lostAt_ms = this.#lost.get(segment);
    if (lostAt_ms !== undefined) this.slowest_ms = Math.max(this.slowest_ms, now_ms - lostAt_ms);
    this.#lost.delete(segment);
    if (!isLost) return;
    // One probe a flight: what is lost again waits for the time-out.
    if (!this.#lostBefore.has(segment)) this.#lost.set(segment, now_ms);
    this.#lostBefore.add(segment);
  }
}
