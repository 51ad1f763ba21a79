/** Messages on their way to whoever looks; who comes later is told first what went before. */
import { Audience, type Listener } from '../messages/audience';
import type { ShownFrame, ShownLeak } from '../messages/frame';
import type { Message } from '../messages/message';
import type { Picture } from '../messages/picture';

/** Ten minutes of readings, one a second. */
const READINGS_MAX = 600;
const FRAMES_MAX = 200;
const LEAKS_MAX = 100;
const GUARD_CHANGES_MAX = 500;

export class Hub {
  readonly #audience = new Audience();
  readonly #readings: Message[] = [];
  readonly #guard: Message[] = [];
  readonly #blind = new Map<string, Message>();
  #frames: ShownFrame[] = [];
  #leaks: ShownLeak[] = [];
  #mode: Message = { kind: 'mode', mode: 'frames' };
  #gone = false;

  constructor(private readonly picture: Picture) {}

  /** @returns what ends it */
  subscribe(listener: Listener): () => void {
    for (const message of this.#past()) listener(message);
    return this.#audience.join(listener);
  }

  tell(message: Message): void {
    this.#keep(message);
    this.#audience.tell(message);
  }

  #past(): Message[] {
    return [
      { kind: 'picture', picture: this.picture },
      ...this.#readings,
      ...this.#guard,
      this.#mode,
      ...this.#blind.values(),
      { kind: 'frames', frames: this.#frames },
      { kind: 'leaks', leaks: this.#leaks },
      ...(this.#gone ? [{ kind: 'gone' } as const] : []),
    ];
  }

  #keep(message: Message): void {
    switch (message.kind) {
      case 'reading':
        this.#readings.push(message);
        if (this.#readings.length > READINGS_MAX) this.#readings.shift();
        return;
      case 'guard':
        this.#guard.push(message);
        if (this.#guard.length > GUARD_CHANGES_MAX) this.#guard.shift();
        return;
      case 'frames':
        this.#frames = [...this.#frames, ...message.frames].slice(-FRAMES_MAX);
        return;
      case 'leaks':
        this.#leaks = [...this.#leaks, ...message.leaks].slice(0, LEAKS_MAX);
        return;
      case 'mode':
        this.#mode = message;
        return;
      case 'blind':
        if (message.why === undefined) this.#blind.delete(message.what);
        else this.#blind.set(message.what, message);
        return;
      case 'gone':
        this.#gone = true;
        return;
      case 'picture':
      case 'lesson':
      case 'run':
      case 'setting-up':
      case 'step':
      case 'result':
      case 'broken-off':
        return;
    }
  }
}
