/** Watches a running lab, and tells what it sees. Everything in the nodes ends with it, however it ends. */
import { randomInt } from 'node:crypto';
import { reasonOf } from '../../engine/docker/errors';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import { speechOf } from '../../topology/servers/speech';
import { sceneOf } from '../../verify/collect/scene-of';
import type { KeptFrame } from '../frames/kept';
import type { ShownFrame, ShownLeak } from '../messages/frame';
import type { RequestDone, RequestWanted } from '../messages/message';
import type { Watched } from '../messages/watched';
import { Hub } from './hub';
import { KeptRing } from './kept-ring';
import { onlookerOf, type Onlooker } from './onlooker';
import { pictureOf } from './picture-of';
import { RequestError } from './request-command';
import { sendRequest } from './send-request';
import { Undoing } from './undoing';
import { WatchedCopy, type CopyListener } from './watched-copy';

/** What flows is counted as often. */
const READ_EVERY_MS = { frames: 1_000, flows: 3_000 } as const;
/**
 * Programs, rules and connections are asked as often: it takes the nodes something, and at high rates they are busy. What the
 * guard says is heard at once in any case, and makes them be asked.
 */
const ASK_EVERY_MS = { frames: 1_000, flows: 10_000 } as const;
/** Packets a second above which they are only counted, and below which they are drawn again. */
const FLOWS_ABOVE = 300;
const FRAMES_BELOW = 150;
const TELL_FRAMES_EVERY_MS = 100;
const LEAKS_MAX = 1_000;
/** Of NFLOG. Those above are for single requests. */
const GROUPS = [1, 0x7fff] as const;

export async function watchLab(lab: RunningLab): Promise<Watched> {
  const watch = new LabWatch(lab);
  try {
    await watch.start();
    return watch;
  } catch (failure) {
    await watch.close();
    throw failure;
  }
}

class LabWatch implements Watched {
  readonly name: string;
  readonly gone: Promise<void>;
  readonly #hub: Hub;
  readonly #ring = new KeptRing();
  #copies: readonly WatchedCopy[] = [];
  #fresh: ShownFrame[] = [];
  #leaks: ShownLeak[] = [];
  #mode: 'frames' | 'flows' = 'frames';
  #id = 0;
  #second = { began_ms: 0, frames: 0 };
  #timers = new Set<NodeJS.Timeout>();
  #closed = false;
  /** What goes on in the nodes, each one after the other. */
  #under: Record<'reading' | 'asking' | 'taps', Promise<void>> = {
    reading: Promise.resolve(),
    asking: Promise.resolve(),
    taps: Promise.resolve(),
  };
  /** Of these, what did not succeed last. */
  readonly #blind = new Set<string>();
  #onlooker: Onlooker | undefined;
  readonly #undoings = new Map<string, Undoing>();
  #read_ms = performance.now();
  /** Readings that were told since frames are drawn, or are not. */
  #readings = 0;
  #asked_ms = performance.now();
  #isSoon = false;
  #isGone!: () => void;

  constructor(private readonly lab: RunningLab) {
    this.name = lab.name;
    this.#hub = new Hub(pictureOf(lab));
    this.gone = new Promise((resolve) => (this.#isGone = resolve));
  }

  async start(): Promise<void> {
    const open = async (node: LabNode): Promise<void> => {
      const undoing = await Undoing.open(node);
      this.#undoings.set(node.name, undoing);
      void undoing.ended.then(() => this.#lost());
    };
    await Promise.all(this.lab.nodes.map(open));
    this.#onlooker = await onlookerOf(this.lab);
    const { copies } = this.lab.topology;
    const scenes = await Promise.all(copies.map(({ from }) => sceneOf(this.lab, from)));
    const listener = this.#listener();
    const started = await Promise.allSettled(
      scenes.map((scene, index) =>
        WatchedCopy.start(
          { lab: this.lab, seen: this.#onlooker!.lab },
          scene,
          copies[index]!.architecture === 'offline',
          this.#undoings,
          randomInt(...GROUPS),
          listener,
        ),
      ),
    );
    this.#copies = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    await this.#setTaps();
    await this.#askOnce();
    this.#every(TELL_FRAMES_EVERY_MS, () => this.#tellFrames());
    void this.#readOn();
    this.#after(ASK_EVERY_MS.frames, () => void this.#askOn());
  }

  subscribe(listener: Parameters<Watched['subscribe']>[0]): () => void {
    return this.#hub.subscribe(listener);
  }

  async send(wanted: RequestWanted): Promise<RequestDone> {
    const copy = this.#copies.find(({ scene }) => scene.online.name === wanted.copy);
    if (!copy) throw new RequestError('REQUEST_UNUSABLE', `Nothing is copied from ${wanted.copy}.`);
    const speech = speechOf(this.lab.topology.nodes[wanted.copy]!.server!);
    const done = await sendRequest(this.lab, copy.scene, speech, wanted, () => this.#nextId());
    if (this.#mode === 'flows') this.#ring.add(done.frames);
    const { exchange, answer } = done;
    return { answer, exchange: { ...exchange, caught: this.#isCaught(exchange.client) } };
  }

  exchange(copy: string, client: string) {
    return this.#ring.exchange(copy, client, this.#isCaught(client));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(Object.values(this.#under));
    await Promise.allSettled([...this.#copies.map((copy) => copy.stop()), this.#onlooker?.close()]);
    await Promise.allSettled([...this.#undoings.values()].map((undoing) => undoing.run()));
  }

  #listener(): CopyListener {
    return {
      nextId: () => this.#nextId(),
      frames: (frames) => this.#hear(frames),
      leaks: (leaks) => {
        this.#leaks = [...this.#leaks, ...leaks].slice(0, LEAKS_MAX);
        this.#hub.tell({ kind: 'leaks', leaks });
      },
      guardChanged: (changes) => {
        for (const change of changes) this.#hub.tell({ kind: 'guard', change });
        this.#soon();
      },
      blind: (what, why) => this.#hub.tell({ kind: 'blind', what, why }),
    };
  }

  #hear(frames: readonly KeptFrame[]): void {
    this.#ring.add(frames);
    this.#fresh.push(...frames.map(({ shown }) => shown));
    const now_ms = performance.now();
    if (now_ms - this.#second.began_ms > 1_000) this.#second = { began_ms: now_ms, frames: 0 };
    this.#second.frames += frames.filter(({ shown }) => shown.kind !== 'canary').length;
    // Before the next reading tells it: taps cost the lab something.
    if (this.#second.frames > FLOWS_ABOVE) this.#toMode('flows');
  }

  #tellFrames(): void {
    if (this.#fresh.length === 0) return;
    const frames = this.#fresh.toSorted((a, b) => a.at_ms - b.at_ms);
    this.#fresh = [];
    this.#hub.tell({ kind: 'frames', frames });
  }

  #toMode(mode: 'frames' | 'flows'): void {
    if (mode === this.#mode || this.#closed) return;
    this.#mode = mode;
    this.#readings = 0;
    this.#hub.tell({ kind: 'mode', mode });
    void this.#do('taps', () => this.#setTaps());
  }

  /** Does it behind what goes on of its kind. Where a node has just gone, that is told as well. */
  #do(kind: 'reading' | 'asking' | 'taps', work: () => Promise<void>): Promise<void> {
    const failed = (failure: unknown): void => {
      if (this.#closed) return;
      this.#blind.add(kind);
      this.#hub.tell({ kind: 'blind', what: kind, why: reasonOf(failure) });
    };
    const begun = async (): Promise<void> => {
      if (this.#closed) return;
      await work();
      if (this.#blind.delete(kind)) this.#hub.tell({ kind: 'blind', what: kind });
    };
    return (this.#under[kind] = this.#under[kind].then(begun).catch(failed));
  }

  async #readOn(): Promise<void> {
    const began_ms = performance.now();
    await this.#do('reading', () => this.#readOnce());
    const spent_ms = performance.now() - began_ms;
    this.#after(Math.max(100, READ_EVERY_MS[this.#mode] - spent_ms), () => void this.#readOn());
  }

  async #askOn(): Promise<void> {
    // How often changes with the mode, and the mode at any time.
    if (performance.now() - this.#asked_ms >= ASK_EVERY_MS[this.#mode])
      await this.#do('asking', () => this.#askOnce());
    this.#after(ASK_EVERY_MS.frames, () => void this.#askOn());
  }

  async #askOnce(): Promise<void> {
    await Promise.all(this.#copies.map((copy) => copy.ask()));
    this.#asked_ms = performance.now();
  }

  async #readOnce(): Promise<void> {
    const copies = await Promise.all(this.#copies.map((copy) => copy.read()));
    const now_ms = performance.now();
    const rate = copies.reduce((sum, { packets }) => sum + packets, 0) / ((now_ms - this.#read_ms) / 1000);
    this.#read_ms = now_ms;
    this.#hub.tell({
      kind: 'reading',
      reading: { at_ms: Date.now(), copies: copies.map(({ reading }) => reading) },
    });
    this.#readings += 1;
    if (rate > FLOWS_ABOVE) this.#toMode('flows');
    // The first may have begun before, and knows only of what was then.
    else if (rate < FRAMES_BELOW && this.#readings > 1) this.#toMode('frames');
    if (this.#copies.some(({ taps }) => taps.isSpent)) void this.#do('taps', () => this.#setTaps());
  }

  /** Taps run while frames are drawn, and each begins anew when it has recorded all that it may. */
  async #setTaps(): Promise<void> {
    for (const { taps } of this.#copies) {
      if (this.#mode === 'flows' || taps.isSpent) await taps.stop();
      if (this.#mode === 'frames' && !taps.isRunning) await taps.start();
    }
  }

  /** The guard has said something: all that belongs to it is wanted now. */
  #soon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#after(20, () => {
      this.#isSoon = false;
      void this.#do('asking', () => this.#askOnce()).then(() => this.#do('reading', () => this.#readOnce()));
    });
  }

  #lost(): void {
    if (this.#closed) return;
    this.#hub.tell({ kind: 'gone' });
    this.#isGone();
  }

  #isCaught(client: string): boolean {
    return !this.#leaks.some(({ frame }) => frame?.to === client);
  }

  #nextId(): number {
    this.#id += 1;
    return this.#id;
  }

  #after(delay_ms: number, work: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delay_ms);
    this.#timers.add(timer);
  }

  #every(period_ms: number, work: () => void): void {
    this.#after(period_ms, () => {
      work();
      this.#every(period_ms, work);
    });
  }
}
