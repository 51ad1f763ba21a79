/** Frames of several taps, brought into the order of their times as far as late ones allow. */

export class InTime<Frame extends { readonly timestamp: number }> {
  #waiting: Frame[] = [];

  add(frame: Frame): void {
    this.#waiting.push(frame);
  }

  /** Takes those of before a time, the earliest first. @param until seconds since the epoch */
  take(until: number): Frame[] {
    const taken = this.#waiting.filter(({ timestamp }) => timestamp < until);
    this.#waiting = this.#waiting.filter(({ timestamp }) => timestamp >= until);
    return taken.sort((one, other) => one.timestamp - other.timestamp);
  }
}
