/** Watches a running lab, and tells what it sees. Everything in the nodes ends with it, however it ends. */
import { randomInt } from 'node:crypto';
import type { RunningLab } from '../../engine/nodes/lab';
import { sceneOf } from '../../verify/collect/scene-of';
import type { KeptFrame } from '../frames/kept';
import type { ShownFrame, ShownLeak } from '../messages/frame';
import type { RequestDone, RequestWanted } from '../messages/message';
import type { Watched } from '../messages/watched';
import { Hub } from './hub';
import { KeptRing } from './kept-ring';
import { askedThrough, NodeShell } from './node-shell';
import { pictureOf } from './picture-of';
import { RequestError, sendRequest } from './send-request';
import { WatchedCopy, type CopyListener } from './watched-copy';

/** Between two readings, while frames are drawn one by one, and while they are counted. */
const READ_EVERY_MS = { frames: 1_000, flows: 2_000 } as const;
/** Packets a second above which they are only counted, and below which they are drawn again. */
const FLOWS_ABOVE = 300;
const FRAMES_BELOW = 150;
const TELL_FRAMES_EVERY_MS = 100;
/** Of NFLOG. Those above are for single requests. */
const GROUPS = [1, 0x7fff] as const;

export async function watchLab(lab: RunningLab): Promise<Watched> {
  const shells = new Map<string, NodeShell>();
  const watch = new LabWatch(lab, shells);
  try {
    await Promise.all(lab.nodes.map(async (node) => shells.set(node.name, await NodeShell.open(node))));
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
  #reading: Promise<void> = Promise.resolve();
  #isGone!: () => void;

  constructor(
    private readonly lab: RunningLab,
    private readonly shells: ReadonlyMap<string, NodeShell>,
  ) {
    this.name = lab.name;
    this.#hub = new Hub(pictureOf(lab));
    this.gone = new Promise((resolve) => (this.#isGone = resolve));
  }

  async start(): Promise<void> {
    const asked = askedThrough(this.lab, this.shells);
    for (const shell of this.shells.values()) void shell.ended.then(() => this.#lost());
    const live = this.lab.topology.copies.filter(({ architecture }) => architecture !== 'offline');
    const scenes = await Promise.all(live.map(({ from }) => sceneOf(this.lab, from)));
    const listener = this.#listener();
    this.#copies = await Promise.all(
      scenes.map((scene) =>
        WatchedCopy.start(this.lab, asked, scene, this.shells, randomInt(...GROUPS), listener),
      ),
    );
    await Promise.all(this.#copies.map(({ taps }) => taps.start()));
    this.#every(TELL_FRAMES_EVERY_MS, () => this.#tellFrames());
    await this.#read();
  }

  subscribe(listener: Parameters<Watched['subscribe']>[0]): () => void {
    return this.#hub.subscribe(listener);
  }

  async send(wanted: RequestWanted): Promise<RequestDone> {
    const copy = this.#copies.find(({ scene }) => scene.online.name === wanted.copy);
    if (!copy) throw new RequestError('REQUEST_UNUSABLE', `Nothing is copied from ${wanted.copy}.`);
    const kind = this.lab.topology.nodes[wanted.copy]!.server!.kind;
    const done = await sendRequest(this.lab, copy.scene, kind, wanted, () => this.#nextId());
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
    await this.#reading;
    await Promise.allSettled(this.#copies.map((copy) => copy.stop()));
    await Promise.allSettled([...this.shells.values()].map((shell) => shell.close()));
  }

  #listener(): CopyListener {
    return {
      nextId: () => this.#nextId(),
      frames: (frames) => this.#hear(frames),
      leaks: (leaks) => {
        this.#leaks.push(...leaks);
        this.#hub.tell({ kind: 'leaks', leaks });
      },
      guardChanged: () => this.#soon(),
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
    if (this.#second.frames > FLOWS_ABOVE) void this.#toMode('flows');
  }

  #tellFrames(): void {
    if (this.#fresh.length === 0) return;
    const frames = this.#fresh.toSorted((a, b) => a.at_ms - b.at_ms);
    this.#fresh = [];
    this.#hub.tell({ kind: 'frames', frames });
  }

  async #toMode(mode: 'frames' | 'flows'): Promise<void> {
    if (mode === this.#mode || this.#closed) return;
    this.#mode = mode;
    this.#hub.tell({ kind: 'mode', mode });
    await Promise.all(this.#copies.map(({ taps }) => (mode === 'flows' ? taps.stop() : taps.start())));
  }

  /** One reading after the other. */
  async #read(): Promise<void> {
    if (this.#closed) return;
    const began_ms = performance.now();
    this.#reading = this.#readOnce().catch((failure: unknown) => {
      // Where a node has just gone, its shell says so as well.
      if (!this.#closed) this.#hub.tell({ kind: 'blind', what: 'reading', why: String(failure) });
    });
    await this.#reading;
    const spent_ms = performance.now() - began_ms;
    this.#after(Math.max(200, READ_EVERY_MS[this.#mode] - spent_ms), () => void this.#read());
  }

  #last_ms = performance.now();

  async #readOnce(): Promise<void> {
    const copies = await Promise.all(this.#copies.map((copy) => copy.read()));
    const now_ms = performance.now();
    const rate = copies.reduce((sum, { packets }) => sum + packets, 0) / ((now_ms - this.#last_ms) / 1000);
    this.#last_ms = now_ms;
    this.#hub.tell({
      kind: 'reading',
      reading: { at_ms: Date.now(), copies: copies.map(({ reading }) => reading) },
    });
    if (rate > FLOWS_ABOVE) await this.#toMode('flows');
    else if (rate < FRAMES_BELOW) await this.#toMode('frames');
    for (const { taps } of this.#copies) {
      if (this.#mode !== 'frames' || !taps.isSpent) continue;
      await taps.stop();
      await taps.start();
    }
  }

  /** The guard has said something: its reading is wanted now. */
  #soon(): void {
    this.#after(50, () => void this.#tellGuard());
  }

  async #tellGuard(): Promise<void> {
    if (this.#closed) return;
    await this.#reading;
    this.#reading = this.#readOnce().catch(() => undefined);
    await this.#reading;
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
