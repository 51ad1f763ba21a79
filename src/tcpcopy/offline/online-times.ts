/** How long the online servers took, by their own packets or by what clients acknowledged, and how that is told. */
import { EVIDENCE, type Evidence } from '../../answers/online/conversation';
import { OnlineAnswers } from '../../answers/online/online-answers';
import { TransferTimes, type TransferReading } from '../../answers/times/transfer-times';
import type { Readings } from '../../process/readings';
import type { Transfer } from '../../session/contract';
import type { Address } from '../../wire/address/address';
import type { SegmentView } from '../../wire/segment';
import { transferName } from '../copying/transfer-name';

/** Of one transfer, with what its times are known by: what clients acknowledged are upper bounds. */
export interface OnlineReading extends TransferReading {
  readonly by: Evidence;
}

export class OnlineTimes {
  readonly #answers: OnlineAnswers<Transfer>;
  readonly #times: Readonly<Record<Evidence, TransferTimes<Transfer>>>;

  /** @param isWatched whether a connection that begins is one whose answers are asked for */
  constructor(
    transfers: readonly Transfer[],
    isWatched: (clientAddress: Address, clientPort: number) => boolean = () => true,
  ) {
    const times = new TransferTimes(transfers, transferName);
    const bounds = new TransferTimes(transfers, transferName);
    this.#times = { packets: times, acknowledgments: bounds };
    this.#answers = new OnlineAnswers(transfers, {
      isWatched,
      answered: (transfer, by, first_ms, last_ms) => this.#times[by].note(transfer, first_ms, last_ms),
    });
  }

  /** A segment from a client to an online server. @param at_ms when it was captured; all times are of one clock */
  client(view: SegmentView, at_ms: number): void {
    this.#answers.client(view, at_ms);
  }

  /** A segment from an online server to a client. */
  server(view: SegmentView, at_ms: number): void {
    this.#answers.server(view, at_ms);
  }

  /** Nothing more comes. */
  end(): void {
    this.#answers.end();
  }

  all(): OnlineReading[] {
    return EVIDENCE.flatMap((by) => this.#times[by].readings().map((reading) => ({ ...reading, by })));
  }

  readings(): Required<Omit<Readings, 'gauges'>> {
    const known = EVIDENCE.filter((by) => !this.#times[by].isEmpty);
    return {
      counters: this.#answers.counters,
      histograms: known.flatMap((by) => this.#times[by].histograms('online', { by })),
      told: this.all().map((reading) => ({ of: 'online server', ...reading })),
    };
  }
}
