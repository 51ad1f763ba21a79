/**
 * While clients bring more than this machine has time to copy, whole connections are left out, by the kernel where that can
 * be: it attends the kernel's queue, tells the engine which connections there is room for, and the kernel which to let in.
 */
import { performance } from 'node:perf_hooks';
import type { KernelQueue } from '../capture/source';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Admission } from '../session/tables/admission';
import { BUCKETS } from '../wire/tables/bucket';
import { emptyQueue, LoadControl, type LoadReading } from './load-control';
import { OverloadLog, type LeftOut } from './overload-log';
import type { OverloadWish } from './wish';

/** Not every copy that ends makes a filter. */
const REFILTER_EVERY_MS = 20;
/** While packets are lost all the time. */
const LOSS_EVERY_MS = 1000;
/** Where nothing waits, it is seldom asked what found no room before. */
const ASK_EVERY_MS = 1000;
/** While something is left out, also when nothing is read. */
const LOOK_EVERY_MS = 100;
/** At other times. */
const LOOK_SELDOM_MS = 1000;

/** The part of the copy that it steers. */
export interface Relieved {
  readonly admission: Admission;
  /** Copies that were ended because there was no room. */
  readonly copiesLeftOut: number;
  /** Connections that were not begun for the same reason. */
  readonly connectionsLeftOut: number;
  /** What was captured waits to be told. */
  late(now_ms: number): void;
  /** Packets found no room in the queue. */
  lossReported(now_ms: number): void;
}

export class Relief {
  readonly #control: LoadControl | undefined;
  readonly #log: OverloadLog;
  /** Of the admission's states that the kernel was told. */
  #revision = 0;
  #open = BUCKETS;
  #refilteredAt_ms = -Infinity;
  #askedAt_ms = -Infinity;
  /** Packets that found no room, and those of them that the copy was told of. */
  #dropped = 0;
  #droppedTold = 0;
  #lossAt_ms = -Infinity;
  /** What was in the queue before packets were lost is still being read. */
  #isBeforeLoss = false;
  #look: NodeJS.Timeout | undefined;

  /** @param wanted buckets that are copied while there is room */
  constructor(
    private readonly queue: KernelQueue,
    private readonly copy: Relieved,
    wish: OverloadWish,
    private wanted: number,
    log: Log,
  ) {
    this.#control = wish === 'leave-out' ? new LoadControl(wanted) : undefined;
    this.#log = new OverloadLog(log);
    this.attend();
  }

  /** @param wanted as from now on; the admission knows already */
  want(wanted: number): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.#control?.want(wanted);
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
    const reading = this.#reading(isCaughtUp, now_ms);
    this.#tellLoss(isCaughtUp, now_ms);
    if (this.#control) admission.limit(this.#control.attend(reading), now_ms);
    admission.attend(now_ms);
    if (isCaughtUp) admission.caughtUp(now_ms);
    this.#refilter(admission, now_ms);
    this.#log.tell(admission.share_percent, () => this.#leftOut(), now_ms);
    const isBusy = admission.open < this.wanted || this.#log.lasts;
    this.#look ??= setTimeout(
      () => {
        this.#look = undefined;
        this.attend();
      },
      isBusy ? LOOK_EVERY_MS : LOOK_SELDOM_MS,
    );
  }

  stop(): void {
    clearTimeout(this.#look);
  }

  #reading(isCaughtUp: boolean, now_ms: number): LoadReading {
    const { queue } = this;
    if (isCaughtUp && now_ms - this.#askedAt_ms < ASK_EVERY_MS) return emptyQueue(queue.read, now_ms);
    this.#askedAt_ms = now_ms;
    const { letIn, dropped } = queue.totals();
    this.#dropped = dropped;
    return { now_ms, fill: queue.fill(), came: letIn - dropped, read: queue.read };
  }

  /** While it lasts, and once more behind all that had waited before: who is heard from then on spoke behind the loss. */
  #tellLoss(isCaughtUp: boolean, now_ms: number): void {
    const isNew = this.#dropped > this.#droppedTold && now_ms - this.#lossAt_ms >= LOSS_EVERY_MS;
    const isOver = this.#isBeforeLoss && isCaughtUp;
    if (!isNew && !isOver) return;
    this.#isBeforeLoss = !isCaughtUp;
    this.#droppedTold = this.#dropped;
    this.#lossAt_ms = now_ms;
    this.copy.lossReported(now_ms);
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
