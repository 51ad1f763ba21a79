/**
 * What the kernel has between capture and engine: a filter that goes by buckets, and a queue in which segments wait while
 * this machine is busy. What is queued was let in by the filter of its time.
 */
import { limitToBuckets } from '../../../src/kernel/filter/bucket-filter';
import { compileEndpointFilter } from '../../../src/kernel/filter/endpoint-filter';
import { BUCKETS } from '../../../src/wire/tables/bucket';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { runFilter } from '../../unit/kernel/filter/bpf-machine';
import { FAMILY, ONLINE_PORT } from './addresses';
import type { Agenda } from './agenda';
import type { Random } from './plan/random';
import type { Track } from './rules/track';
import type { Turns } from './turns';
import { HEARD_OUT_MS, judgeLoss, type LossWorld } from './verdict';

const EVERYTHING = compileEndpointFilter([{ address: undefined, port: ONLINE_PORT }], FAMILY);
/** What lets less in may be late. */
const ATTACH_LATE_MAX_MS = 10;

/** The world that it is a part of. */
export interface QueueHost extends LossWorld {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly turns: Turns;
  /** Takes a segment; the view is borrowed for the call. */
  see(view: SegmentView, track: Track): void;
  /** Segments were lost, and nobody knows whose. */
  lossReported(): void;
}

export class PacketQueue {
  /** The last time at which a segment had waited. */
  lateAt_ms = -Infinity;
  #filter = EVERYTHING;
  #revision = 0;
  #busyUntil_ms = -Infinity;
  #lastRead_ms = -Infinity;
  #waiting = 0;
  /** What had waited before segments were lost is still being read. */
  #isBeforeLoss = false;
  readonly #view = emptySegmentView();

  constructor(private readonly world: QueueHost) {}

  /** A segment is captured; the view is borrowed for the call. */
  take(view: SegmentView, track: Track): void {
    const { agenda, random, turns } = this.world;
    this.#attendFilter();
    const packet = view.bytes.slice(0, view.payloadOffset + view.payloadLength);
    if (this.#filter !== EVERYTHING && runFilter(this.#filter, packet) === 0) {
      this.#leftOut(view, track);
      return;
    }
    const busy = agenda.now_ms < this.#busyUntil_ms;
    const isNext = agenda.now_ms >= this.#lastRead_ms;
    if (!busy && isNext && !turns.isLate) {
      this.world.see(view, track);
      return;
    }
    this.#waiting += 1;
    const wait_ms = busy ? random.next() * random.pick([1, 20, 300]) : 0;
    this.#lastRead_ms = Math.max(this.#lastRead_ms, agenda.now_ms + wait_ms);
    agenda.at(this.#lastRead_ms, () => this.#readInTurn(packet, track));
  }

  /** The machine is busy, and has room for so many buckets meanwhile. */
  busyFor(for_ms: number, room: number): void {
    const { agenda, engine } = this.world;
    this.#busyUntil_ms = Math.max(this.#busyUntil_ms, agenda.now_ms + for_ms);
    engine.admission.limit(room, agenda.now_ms);
    this.#attendFilter();
    agenda.after(for_ms, () => {
      engine.admission.limit(BUCKETS, agenda.now_ms);
      this.#attend();
    });
  }

  /** Segments were lost; it is told at once, and again behind those that wait. */
  lost(): void {
    const { agenda } = this.world;
    const lostAt_ms = agenda.now_ms;
    agenda.after(HEARD_OUT_MS, () => judgeLoss(this.world, lostAt_ms));
    this.#isBeforeLoss = this.#waiting > 0;
    this.#tellLoss();
  }

  #tellLoss(): void {
    this.world.lossReported();
    this.#forget();
  }

  /** Buckets are opened when nothing waits any more. */
  #attend(): void {
    if (this.#waiting > 0) return;
    if (this.world.turns.isLate) this.world.agenda.after(1, () => this.#attend());
    else this.#caughtUp();
  }

  #readInTurn(packet: Uint8Array, track: Track): void {
    const { turns } = this.world;
    if (turns.isLate) turns.captured(() => this.#read(packet, track));
    else this.#read(packet, track);
  }

  #read(packet: Uint8Array, track: Track): void {
    const { world } = this;
    this.lateAt_ms = world.agenda.now_ms;
    if (!world.killed) world.engine.late(this.lateAt_ms);
    viewSegment(this.#view, packet, 0, packet.length, 'whole');
    world.see(this.#view, track);
    this.#waiting -= 1;
    this.#attend();
  }

  #caughtUp(): void {
    const { engine, agenda } = this.world;
    engine.admission.caughtUp(agenda.now_ms);
    this.#attach();
    this.#forget();
    if (this.#isBeforeLoss) this.#tellLoss();
    this.#isBeforeLoss = false;
  }

  /** Of those that are not copied, it is forgotten what they said before. */
  #forget(): void {
    const { agenda, tracks } = this.world;
    for (const track of tracks)
      if (track.leftOut || track.interrupted || !track.used) track.isLeftOut(agenda.now_ms);
  }

  #leftOut(view: SegmentView, track: Track): void {
    const { engine, agenda } = this.world;
    if (engine.admission.stateOf(view.source, view.sourcePort) === 'wanted')
      track.isLeftOut(agenda.now_ms, view);
    else track.dropped('not-selected');
  }

  /** Attaches the filter of the time, soon. */
  #attendFilter(): void {
    const { engine, agenda, random } = this.world;
    if (engine.admission.revision === this.#revision) return;
    this.#revision = engine.admission.revision;
    agenda.after(random.next() * ATTACH_LATE_MAX_MS, () => this.#attach());
  }

  #attach(): void {
    const { admission } = this.world.engine;
    this.#revision = admission.revision;
    this.#filter = limitToBuckets(EVERYTHING, admission.states(), FAMILY);
  }
}
