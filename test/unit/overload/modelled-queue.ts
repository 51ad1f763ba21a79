/**
 * A machine that copies, as a model: connections of six packets each, a queue in the kernel with room for so many packets, and
 * a program that reads as fast as it gets to, in turns. What is left out by the kernel costs nothing, what is refused behind
 * the queue a tenth.
 */
import { emptyQueue, LoadControl } from '../../../src/overload/load-control';

const TURN_MS = 2;
const PACKETS = 6;
/** A connection's packets come in this time. */
const LASTS_TURNS = 5;
const REFUSED_COST = 0.1;

export interface Machine {
  /** Packets that clients send in a second. */
  readonly offered: (at_s: number) => number;
  /** Packets that can be copied in a second; 0 while the program is stopped. */
  readonly speed: (at_s: number) => number;
  readonly seconds: number;
  /** In packets. */
  readonly queue?: number;
}

export interface Run {
  /** Packets that found no room. */
  readonly lost: number;
  /** At the end of each tenth of a second. */
  readonly room: readonly number[];
  readonly fill: readonly number[];
}

/** Connections that began in one turn, and how much comes of them in each of the next. */
interface Cohort {
  readonly packets: number;
  turnsLeft: number;
}

export function run(
  { offered, speed, seconds, queue = 256_000 }: Machine,
  control: Pick<LoadControl, 'room' | 'attend'> = new LoadControl(100),
): Run {
  const room: number[] = [];
  const fill: number[] = [];
  /** Batches in the order in which they came: how many packets, and among how many buckets they were let in. */
  const waiting: { packets: number; readonly buckets: number }[] = [];
  const cohorts: Cohort[] = [];
  let [waits, came, read, lost] = [0, 0, 0, 0];
  const enqueue = (packets: number, buckets: number): void => {
    const fits = Math.min(packets, queue - waits);
    lost += packets - fits;
    waits += fits;
    came += fits;
    const last = waiting.at(-1);
    if (last?.buckets === buckets) last.packets += fits;
    else waiting.push({ packets: fits, buckets });
  };
  for (let turn = 0; turn * TURN_MS < seconds * 1000; turn += 1) {
    const now_ms = turn * TURN_MS;
    const at_s = now_ms / 1000;
    const begun = ((offered(at_s) / PACKETS) * TURN_MS) / 1000;
    enqueue((begun * control.room) / 100, control.room);
    for (const cohort of cohorts) {
      enqueue(cohort.packets, control.room);
      cohort.turnsLeft -= 1;
    }
    while (cohorts[0]?.turnsLeft === 0) cohorts.shift();
    cohorts.push({ packets: (begun * control.room) / 100, turnsLeft: LASTS_TURNS });
    let time = (speed(at_s) * TURN_MS) / 1000;
    if (time === 0) continue;
    while (time > 0 && waiting.length > 0) {
      const batch = waiting[0]!;
      const kept = Math.min(1, control.room / Math.max(1, batch.buckets));
      const cost = kept + (1 - kept) * REFUSED_COST;
      const packets = Math.min(batch.packets, time / cost);
      time -= packets * cost;
      waits -= packets;
      read += packets;
      batch.packets -= packets;
      if (batch.packets < 1e-6) waiting.shift();
    }
    control.attend(waits < 1 ? emptyQueue(read, now_ms) : { now_ms, fill: waits / queue, came, read });
    if (turn % 50 === 49) {
      room.push(control.room);
      fill.push(waits / queue);
    }
  }
  return { lost, room, fill };
}

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** How often it went the other way. */
export function turnsOf(numbers: readonly number[]): number {
  const ways = numbers.slice(1).map((number, index) => Math.sign(number - numbers[index]!));
  const moves = ways.filter((way) => way !== 0);
  return moves.slice(1).filter((way, index) => way !== moves[index]).length;
}
