/** The last frames, so that one of them can be looked at closely; bounded in number and bytes. */
import { exchangeOf } from '../frames/exchange';
import { clientEnd, type KeptFrame } from '../frames/kept';
import type { Exchange } from '../messages/frame';

const FRAMES_MAX = 6_000;
const BYTES_MAX = 16 * 1024 * 1024;

export class KeptRing {
  #frames: KeptFrame[] = [];
  #bytes = 0;

  add(frames: readonly KeptFrame[]): void {
    this.#frames.push(...frames);
    this.#bytes += sizeOf(frames);
    let drop = Math.max(0, this.#frames.length - FRAMES_MAX);
    let bytes = this.#bytes - sizeOf(this.#frames.slice(0, drop));
    for (; bytes > BYTES_MAX; drop += 1) bytes -= this.#frames[drop]!.bytes.length;
    this.#frames = this.#frames.slice(drop);
    this.#bytes = bytes;
  }

  /** @param caught whether none of its responses got out */
  exchange(copy: string, client: string, caught: boolean): Exchange | undefined {
    const frames = this.#frames.filter(({ shown }) => shown.copy === copy);
    if (!frames.some(({ shown }) => clientEnd(shown) === client)) return undefined;
    return exchangeOf(frames, client, caught);
  }
}

const sizeOf = (frames: readonly KeptFrame[]): number =>
  frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
