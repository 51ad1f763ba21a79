/** One copy of a lab under watch: its taps, its counters, its guard. */
import type { RunningLab } from '../../engine/commands/lab';
import { logIn } from '../../verify/collect/state';
import { sceneDevice, type Scene } from '../../verify/evidence/scene';
import type { KeptFrame } from '../frames/kept';
import type { ShownLeak } from '../messages/frame';
import type { CopyReading, FlowCounts, GuardChange } from '../messages/reading';
import { askCopy, copyReading, type CopyAsked } from './copy-reader';
import { FlowCounter } from './flow-counter';
import { FrameTaps } from './frame-taps';
import { GuardFollower } from './guard-follower';
import { watchLeaks } from './leak-watch';
import type { LiveTap } from '../../capture/live-tap';
import { arrivalPlace, leakPlaces, onlinePlace, responsePlaces, type Place } from './places';
import type { Undoings } from './undoing';

export interface CopyListener {
  nextId(): number;
  frames(frames: readonly KeptFrame[]): void;
  leaks(leaks: readonly ShownLeak[]): void;
  guardChanged(changes: readonly GuardChange[]): void;
  blind(what: string, why: string): void;
}

export interface Labs {
  readonly lab: RunningLab;
  /** The same, for questions that come again and again. */
  readonly seen: RunningLab;
}

export class WatchedCopy {
  readonly #leaks: LiveTap[] = [];
  #last: FlowCounts | undefined;
  #asked: CopyAsked | undefined;

  private constructor(
    private readonly labs: Labs,
    readonly scene: Scene,
    private readonly counter: FlowCounter,
    private guard: GuardFollower,
    readonly taps: FrameTaps,
    private readonly listener: CopyListener,
    private readonly isOffline: boolean,
  ) {}

  /**
   * @param group of NFLOG
   * @param isOffline its copies come from a capture that is played on the test server
   */
  static async start(
    labs: Labs,
    scene: Scene,
    isOffline: boolean,
    undoings: Undoings,
    group: number,
    listener: CopyListener,
  ): Promise<WatchedCopy> {
    const { lab } = labs;
    const device = isOffline ? 'lo' : sceneDevice(scene.test);
    const counter = new FlowCounter(lab, scene, group, device);
    await counter.install(undoings);
    const blind = (what: string) => (failure: unknown) => {
      listener.blind(what, failure instanceof Error ? failure.message : String(failure));
    };
    const hidden = (failure: unknown): Place[] => {
      blind('responses')(failure);
      return [];
    };
    const places = [
      onlinePlace(lab, scene),
      ...(isOffline ? [arrivalPlace(lab, scene)] : []),
      ...(await responsePlaces(lab, scene, undoings, group, {
        device,
        chain: counter.chainOf('responses'),
      }).catch(hidden)),
    ];
    const nextId = (): number => listener.nextId();
    const taps = new FrameTaps(places, scene, nextId, (frames) => listener.frames(frames));
    const guard = await followGuard(lab, scene, logIn('', 'tcpcopy'), listener);
    const copy = new WatchedCopy(labs, scene, counter, guard, taps, listener, isOffline);
    const watching = leakPlaces(lab, scene).map((place) =>
      watchLeaks(place, scene, nextId, (leaks) => listener.leaks(leaks)),
    );
    for (const tap of await Promise.allSettled(watching)) {
      if (tap.status === 'fulfilled') copy.#leaks.push(tap.value);
      else blind('leaks')(tap.reason);
    }
    return copy;
  }

  /** Asks the programs, rules and connections. */
  async ask(): Promise<void> {
    this.#asked = await askCopy(this.labs.seen, this.scene);
    const { tcpcopy } = this.#asked.state;
    const log = tcpcopy === undefined ? this.guard.log : logIn(tcpcopy, 'tcpcopy');
    if (log === this.guard.log) return;
    await this.guard.stop();
    this.guard = await followGuard(this.labs.lab, this.scene, log, this.listener);
  }

  /** Counts what flows, beside what was asked last. Packets are those since it was called last. */
  async read(): Promise<{ reading: CopyReading; packets: number }> {
    const flows = await this.counter.read(this.labs.seen);
    const total = totalOf(flows);
    const packets = this.#last === undefined ? 0 : total - totalOf(this.#last);
    this.#last = flows;
    const reading = copyReading(this.scene, this.#asked!, flows, this.guard.said);
    // What verify finds is about copies that are live.
    return { reading: this.isOffline ? { ...reading, findings: [] } : reading, packets };
  }

  async stop(): Promise<void> {
    await Promise.all([this.taps.stop(), this.guard.stop(), ...this.#leaks.map((tap) => tap.stop())]);
  }
}

function followGuard(
  lab: RunningLab,
  { online }: Scene,
  log: string,
  listener: CopyListener,
): Promise<GuardFollower> {
  return GuardFollower.start(lab.node(online.name), log, (fresh) =>
    listener.guardChanged(
      fresh.map(({ level, reason, time }) => ({
        copy: online.name,
        at_ms: Date.parse(time),
        level,
        ...(reason === undefined ? {} : { reason }),
      })),
    ),
  );
}

const totalOf = ({ requests, answers, copies, responses }: FlowCounts): number =>
  requests + answers + copies + responses;
