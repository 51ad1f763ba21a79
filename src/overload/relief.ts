/**
 * While clients bring more than this machine has time to copy, whole connections are left out, by the kernel where that can
 * be: it attends the kernel's queue, tells the engine which connections there is room for, and the kernel which to let in.
 */
import type { KernelQueue } from '../capture/source';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Admission } from '../session/tables/admission';
import { BUCKETS } from '../wire/bucket';
import { emptyQueue, LoadControl, type LoadReading } from './load-control';
import { OverloadLog, type LeftOut } from './overload-log';
import type { OverloadWish } from './wish';

/** Not every copy that ends makes a filter. */
const REFILTER_EVERY_MS = 20;
/** While something is left out, also when nothing is read. */
const LOOK_EVERY_MS = 100;

/** The part of the copy that it steers. */
export interface Relieved {
  readonly admission: Admission;
  /** Copies that were ended because there was no room. */
  readonly copiesLeftOut: number;
  /** Connections that were not begun for the same reason. */
  readonly connectionsLeftOut: number;
  /** What was captured waits to be told. */
  late(now_ms: number): void;
}

export class Relief {
  readonly #control: LoadControl | undefined;
  readonly #log: OverloadLog;
  /** Of the admission's states that the kernel was told. */
  #revision = 0;
  #open = BUCKETS;
  #refilteredAt_ms = -Infinity;
  #look: NodeJS.Timeout | undefined;

  /** @param wanted buckets that are copied while there is room */
  constructor(
    private readonly queue: KernelQueue,
    private readonly copy: Relieved,
    wish: OverloadWish,
    private readonly wanted: number,
    log: Log,
  ) {
    this.#control = wish === 'leave-out' ? new LoadControl(wanted) : undefined;
    this.#log = new OverloadLog(log);
    this.attend();
  }

  readings(): Readings {
    return {
      counters: { connections_left_out: this.#leftOut().connections, overload_episodes: this.#log.episodes },
      gauges: { copied_share_percent: this.copy.admission.share_percent },
    };
  }

  /** To be called whenever packets were read. */
  attend(): void {
    const { queue, copy } = this;
    const { admission } = copy;
    const now_ms = performance.now();
    const isCaughtUp = queue.isCaughtUp();
    if (!isCaughtUp) copy.late(now_ms);
    if (this.#control) admission.limit(this.#control.attend(this.#reading(isCaughtUp, now_ms)), now_ms);
    admission.attend(now_ms);
    if (isCaughtUp) admission.caughtUp(now_ms);
    this.#refilter(admission, now_ms);
    this.#log.tell(admission.share_percent, () => this.#leftOut(), now_ms);
    if (admission.open < this.wanted || this.#log.lasts)
      this.#look ??= setTimeout(() => {
        this.#look = undefined;
        this.attend();
      }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.#look);
  }

  #reading(isCaughtUp: boolean, now_ms: number): LoadReading {
    const { queue } = this;
    if (isCaughtUp) return emptyQueue(queue.read, now_ms);
    const { letIn, dropped } = queue.totals();
    return { now_ms, fill: queue.fill(), came: letIn - dropped, read: queue.read };
  }

  /** At once, when others are copied than before. */
  #refilter(admission: Admission, now_ms: number): void {
    const { revision, open } = admission;
    if (revision === this.#revision && open === this.#open) return;
    if (open === this.#open && now_ms - this.#refilteredAt_ms < REFILTER_EVERY_MS) return;
    this.queue.letIn(admission.states());
    this.#revision = revision;
    this.#open = open;
    this.#refilteredAt_ms = now_ms;
  }

  #leftOut(): LeftOut {
    const { copiesLeftOut, connectionsLeftOut } = this.copy;
    return { connections: connectionsLeftOut + this.queue.leftOutTotal(), copies: copiesLeftOut };
  }
}
