/** Replies that came before their route: bounded in number and time, and found by their connection at once. */
import type { Reply, Route } from '../wire/reply';
import { ConnectionTable } from '../wire/tables/connection-table';

/** How long a reply waits for its route, and how many may. */
const WAIT_MAX_MS = 1000;
const WAITING_MAX = 4096;
/** Entries at the front that are over are swept up when there are so many. */
const SWEEP_AT = 1024;

interface Entry {
  readonly reply: Reply;
  readonly until_ms: number;
  /** Claimed or removed. */
  over: boolean;
}

export class EarlyReplies {
  /** In the order of time. */
  #queue: Entry[] = [];
  /** All entries before it are over. */
  #front = 0;
  #waiting = 0;
  readonly #byConnection = new ConnectionTable<Entry[]>();

  /** @param reply borrowed @returns older ones that had to make room for it */
  add(reply: Reply, now_ms: number): readonly Reply[] {
    const removed = this.#waiting >= WAITING_MAX ? this.#remove(() => this.#waiting >= WAITING_MAX) : [];
    const entry = { reply: { ...reply }, until_ms: now_ms + WAIT_MAX_MS, over: false };
    this.#queue.push(entry);
    this.#waiting += 1;
    const entries = this.#byConnection.get(reply);
    if (entries) entries.push(entry);
    else this.#byConnection.set(reply, [entry]);
    return removed;
  }

  /** Takes out the replies of a connection, in the order in which they came. */
  claim(route: Route): Reply[] {
    const entries = this.#byConnection.get(route);
    if (!entries) return [];
    this.#byConnection.delete(route);
    this.#waiting -= entries.length;
    for (const entry of entries) entry.over = true;
    return entries.map(({ reply }) => reply);
  }

  /** Removes and returns what has waited too long. */
  expire(now_ms: number): readonly Reply[] {
    return this.#remove(({ until_ms }) => until_ms <= now_ms);
  }

  /** Removes the oldest while they are unwanted. */
  #remove(unwanted: (entry: Entry) => boolean): readonly Reply[] {
    const removed: Reply[] = [];
    for (let entry = this.#queue[this.#front]; entry; entry = this.#queue[this.#front]) {
      if (!entry.over) {
        if (!unwanted(entry)) break;
        this.#waiting -= 1;
        removed.push(entry.reply);
        // The oldest of all is the oldest of its connection.
        const entries = this.#byConnection.get(entry.reply);
        entries?.shift();
        if (entries?.length === 0) this.#byConnection.delete(entry.reply);
      }
      this.#front += 1;
    }
    if (this.#front >= SWEEP_AT || this.#front === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#front);
      this.#front = 0;
    }
    return removed;
  }
}
