/** Whoever listens to messages. */
import type { Message } from './message';

export type Listener = (message: Message) => void;

export class Audience {
  readonly #listeners = new Set<Listener>();

  /** @returns what ends it */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}
