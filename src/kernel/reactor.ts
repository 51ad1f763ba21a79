/**
 * Turns that are not Node's. What wakes a program is a packet socket or a queue; while more keeps coming, the program stays
 * with its descriptors and polls them itself: to go through Node's event loop for each turn, with its streams and timers,
 * costs more than what is done in it (see docs/performance.md).
 */
import { performance } from 'node:perf_hooks';
import { Intervals, type Coalescing } from './coalescing';
import { idleCores, type IdleCores } from './idle-cores';
import type { Libc, NativeMemory } from './libc';
import { Alarm, type JoinedStream, type Turns } from './turns';

/** Haste is over then. */
const HURRY_MS = 200;
/** While nothing hurries an alarm may wait so long for a turn that comes anyway: to wake up costs more than what it is for. */
const ALARM_SLACK_MS = 5;
/** How often it is looked how many cores are idle, which is told in steps of 10 ms. */
const IDLE_EVERY_MS = 100;
/** Then Node has its turn: for timers, signals, and the end of connections. */
const STAY_MAX_MS = 10;
/** Who waits for longer than this for something to be there has seen that nothing was. */
const WAITED_MS = 0.1;

/** What poll(2) leaves out. */
const NOT_POLLED = -1;
/** struct pollfd: i32 descriptor, i16 what is asked for, i16 what is there (poll.h). */
const POLLFD_BYTES = 8;
const POLLIN = 1;
/** Who joins after them has Node's turns. */
const SOURCES_MAX = 256;

const STREAM_BYTES = 64 * 1024;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

interface Source {
  readonly kind: 'packets' | 'stream';
  readonly descriptor: () => number;
  /** @returns how much there was: packets, or pieces of a stream */
  readonly read: () => number;
}

/** What a turn is taken for. */
type Wakes = 'any' | 'packets';

const isPolled = ({ kind }: Source, wakes: Wakes): boolean => wakes === 'any' || kind === wakes;

type ReactorLibc = Pick<Libc, 'poll' | 'usleep' | 'recv' | 'send'>;

export class Reactor implements Turns {
  #sources: readonly Source[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #alarms: Alarm[] = [];
  readonly #memory: NativeMemory;
  readonly #polled: DataView;
  readonly #stream = new Uint8Array(STREAM_BYTES);
  #isStaying = false;
  #turnEndedAt_ms = -Infinity;
  /** In the last turn. */
  #came = 0;
  #hurryUntil_ms = -Infinity;
  #isAwaited: (now_ms: number) => boolean = () => true;
  #intervals = new Intervals('crowded');
  /** Once it matters. */
  #idleCores: IdleCores | undefined;
  #askedIdleAt_ms = -Infinity;
  #turns = 0;
  #idleAt_ms = -1;
  /** How long Node has waited in its own turns, until it was left last. */
  #nodeIdle_ms = 0;

  /**
   * @param allocate memory that C calls can fill
   * @param now_ms by the clock of `performance.now`, which alarms are set by
   */
  constructor(
    private readonly libc: ReactorLibc,
    allocate: (length: number) => NativeMemory,
    private readonly openIdleCores: () => IdleCores = idleCores,
    private readonly now_ms: () => number = () => performance.now(),
  ) {
    this.#memory = allocate(SOURCES_MAX * POLLFD_BYTES);
    const { bytes } = this.#memory;
    this.#polled = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  atEnd(callback: () => void): void {
    this.#ends.push(callback);
    // A turn of ours that begins before Node's has ended does it as well: it would wait until Node has its next one.
    if (!this.#isStaying && this.#ends.length === 1) setImmediate(() => this.#end());
  }

  alarm(ring: () => void): Alarm {
    const alarm = new Alarm(ring, () => this.#isStaying);
    this.#alarms.push(alarm);
    return alarm;
  }

  join(descriptor: () => number, receive: (bytes: Uint8Array) => void): JoinedStream {
    const { libc } = this;
    const read = (): number => {
      const received = libc.recv(descriptor(), this.#stream, STREAM_BYTES, MSG_DONTWAIT);
      // The end of a connection, and what is wrong with it, is left to Node.
      if (received <= 0) return 0;
      receive(this.#stream.subarray(0, received));
      return 1;
    };
    // First, for what is said there tells what to do with packets.
    const leave = this.#put({ kind: 'stream', descriptor, read }, 'first');
    return {
      send: (bytes, length) =>
        Math.max(0, libc.send(descriptor(), bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL)),
      leave,
    };
  }

  hurry(): void {
    this.#hurryUntil_ms = this.now_ms() + HURRY_MS;
  }

  askWhetherAwaited(isAwaited: (now_ms: number) => boolean): void {
    this.#isAwaited = isAwaited;
  }

  coalesce(by: Coalescing): void {
    this.#intervals = new Intervals(by);
    // Opened once, however often this is told.
    if (this.#intervals.isAdaptive) this.#idleCores ??= this.openIdleCores();
  }

  get counters(): { readonly turns: number } {
    return { turns: this.#turns };
  }

  get idleAt_ms(): number {
    return this.#idleAt_ms;
  }

  /** @returns a function that takes it out again */
  add(descriptor: () => number, read: () => number): () => void {
    return this.#put({ kind: 'packets', descriptor, read }, 'last');
  }

  #put(source: Source, at: 'first' | 'last'): () => void {
    this.#sources = at === 'first' ? [source, ...this.#sources] : [...this.#sources, source];
    return () => (this.#sources = this.#sources.filter((one) => one !== source));
  }

  /**
   * To be called when there is something to read: turns follow each other until Node must have one. When nothing came since the last
   * of them, Node waits for the next packet.
   */
  stay(): void {
    const from_ms = this.now_ms();
    const until_ms = from_ms + STAY_MAX_MS;
    // Node has waited until now: nothing was there before.
    if (performance.nodeTiming.idleTime - this.#nodeIdle_ms > WAITED_MS) this.#idleAt_ms = from_ms;
    this.#isStaying = true;
    try {
      do this.#coalesce();
      while (this.#turn(until_ms));
    } finally {
      this.#isStaying = false;
      for (const alarm of this.#alarms) alarm.handOver();
      this.#nodeIdle_ms = performance.nodeTiming.idleTime;
    }
  }

  #coalesce(): void {
    const now_ms = this.now_ms();
    if (this.#intervals.isAdaptive && now_ms - this.#askedIdleAt_ms >= IDLE_EVERY_MS) {
      this.#askedIdleAt_ms = now_ms;
      this.#intervals.idle(this.#idleCores?.number());
    }
    const interval_us = this.#intervals.next_us(this.#came, now_ms < this.#hurryUntil_ms);
    const rest_us = interval_us - (now_ms - this.#turnEndedAt_ms) * 1000;
    if (rest_us > 0) this.libc.usleep(Math.ceil(rest_us));
  }

  /** @returns whether another one may follow */
  #turn(until_ms: number): boolean {
    const sources = this.#sources;
    const count = Math.min(sources.length, SOURCES_MAX);
    let came = 0;
    this.#turns += 1;
    const from_ms = this.now_ms();
    const isHurried = from_ms < this.#hurryUntil_ms;
    // Streams are read in any turn, before packets; nobody is woken for them alone unless somebody waits.
    const wakes = isHurried || this.#isAwaited(from_ms) ? 'any' : 'packets';
    const slack_ms = isHurried ? 0 : ALARM_SLACK_MS;
    const wait_ms = Math.max(0, Math.min(until_ms, this.#nextAlarm_ms() + slack_ms) - from_ms);
    const ready = this.#poll(sources, count, wakes, wait_ms);
    const polledAt_ms = this.now_ms();
    if (polledAt_ms - from_ms > WAITED_MS) this.#idleAt_ms = polledAt_ms;
    if (ready >= 0) {
      for (let index = 0; index < count; index += 1) {
        const isThere = this.#polled.getInt16(index * POLLFD_BYTES + 6, true) !== 0;
        if (isThere || !isPolled(sources[index]!, wakes)) came += sources[index]!.read();
      }
    }
    const now_ms = this.now_ms();
    for (const alarm of this.#alarms) alarm.attend(now_ms);
    this.#end();
    this.#turnEndedAt_ms = this.now_ms();
    this.#came = came;
    // What is there and nothing comes of, such as the end of a stream, is Node's.
    const goesOn = ready === 0 ? from_ms + wait_ms < until_ms : came > 0;
    return goesOn && this.#turnEndedAt_ms < until_ms;
  }

  #nextAlarm_ms(): number {
    let next_ms = Infinity;
    for (const { at_ms } of this.#alarms) next_ms = Math.min(next_ms, at_ms);
    return next_ms;
  }

  /** Waits, if it must. @returns how many of them have something; negative when a signal came first */
  #poll(sources: readonly Source[], count: number, wakes: Wakes, wait_ms: number): number {
    for (let index = 0; index < count; index += 1) {
      const source = sources[index]!;
      const descriptor = isPolled(source, wakes) ? source.descriptor() : NOT_POLLED;
      this.#polled.setInt32(index * POLLFD_BYTES, descriptor, true);
      this.#polled.setInt32(index * POLLFD_BYTES + 4, POLLIN, true);
    }
    return this.libc.poll(this.#memory.pointer, count, Math.ceil(wait_ms));
  }

  #end(): void {
    // What one of them brings about is a part of this turn, too.
    for (let index = 0; index < this.#ends.length; index += 1) this.#ends[index]!();
    this.#ends.length = 0;
  }
}
