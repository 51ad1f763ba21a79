/** tcpcopy's turns: what came together is read together, replies before segments; a turn may come late. */
import type { Reply } from '../../../src/wire/reply';
import type { Agenda } from './agenda';

export interface TurnEvents {
  replies(replies: readonly Reply[]): void;
}

export class Turns {
  /** Reasons for which there is no turn at present. */
  #late = 0;
  #isPlanned = false;
  #replies: Reply[] = [];
  #segments: (() => void)[] = [];

  constructor(
    private readonly agenda: Agenda,
    private readonly events: TurnEvents,
  ) {}

  get isLate(): boolean {
    return this.#late > 0;
  }

  /** There is none for so long. */
  comeLate(for_ms: number): void {
    this.#late += 1;
    this.agenda.after(for_ms, () => {
      this.#late -= 1;
      this.#plan();
    });
  }

  replied(reply: Reply): void {
    this.#replies.push(reply);
    this.#plan();
  }

  /** A segment that was captured while there was no turn. */
  captured(see: () => void): void {
    this.#segments.push(see);
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.agenda.after(0, () => {
      this.#isPlanned = false;
      if (this.isLate) return;
      const [replies, segments] = [this.#replies, this.#segments];
      this.#replies = [];
      this.#segments = [];
      if (replies.length > 0) this.events.replies(replies);
      for (const see of segments) see();
    });
  }
}
