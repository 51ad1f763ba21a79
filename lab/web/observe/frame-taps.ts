/** Live frames of one copy, while there are few of them. */
import type { Scene } from '../../verify/evidence/scene';
import { keptFrames, type KeptFrame } from '../frames/kept';
import { LiveTap } from '../../capture/live-tap';
import type { Place } from './places';

/** A bout of a tap ends behind so many: then numbers are shown in their place. */
const FRAMES_MAX = 600;

export class FrameTaps {
  #taps: LiveTap[] = [];

  constructor(
    private readonly places: readonly Place[],
    private readonly scene: Scene,
    private readonly nextId: () => number,
    private readonly hear: (frames: readonly KeptFrame[]) => void,
  ) {}

  get isRunning(): boolean {
    return this.#taps.length > 0;
  }

  get isSpent(): boolean {
    return this.#taps.some(({ isSpent }) => isSpent);
  }

  /** Resolves when all of them listen. @throws Error when one does not */
  async start(frames_max = FRAMES_MAX): Promise<void> {
    const started = await Promise.allSettled(this.places.map((place) => this.#start(place, frames_max)));
    this.#taps = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (!failed) return;
    await this.stop();
    throw failed.reason;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#taps.splice(0).map((tap) => tap.stop()));
  }

  async #start({ node, device, filter, read }: Place, frames_max: number): Promise<LiveTap> {
    const wanted = { node, device, frames_max, filter };
    const tap: LiveTap = await LiveTap.start(wanted, (capture) => {
      this.hear(keptFrames(read(capture), this.scene, this.nextId));
    });
    return tap;
  }
}
