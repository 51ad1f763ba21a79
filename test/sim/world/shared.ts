/** Two workers in simulated time: an engine each, with a share of the connections; and ways to share them out that are wrong. */
import type { LettingThrough } from '../../../src/passlist/passlist';
import type { EngineOptions, EngineOutputs } from '../../../src/session/contract';
import { Engine } from '../../../src/session/engine';
import { Admission } from '../../../src/session/tables/admission';
import {
  newCounters,
  type CounterName,
  type Counters,
  type DropReason,
} from '../../../src/session/tables/counters';
import type { GuardLevel } from '../../../src/wire/guard';
import type { Reply, Route } from '../../../src/wire/reply';
import type { SegmentView } from '../../../src/wire/segment';
import { ConnectionTable } from '../../../src/wire/tables/connection-table';
import { BUCKETS, type BucketState, type BucketStates } from '../../../src/wire/tables/bucket';
import { workerOf } from '../../../src/wire/tables/share';
import type { MakeEngine } from './world';

const COUNT = 2;

/** Which worker a captured segment goes to. */
type Hash = (view: SegmentView) => number;
const byClient: Hash = ({ source, sourcePort }) => workerOf(source, sourcePort, COUNT);

/** What a filter lets in that every worker has one of. */
const LETS_IN: readonly BucketState[] = ['open', 'closing', 'closed', 'not-chosen'];

class SharedAdmission extends Admission {
  constructor(private readonly parts: readonly Admission[]) {
    super({ percentage: BUCKETS, gradual: false });
  }

  override limit(room: number, now_ms: number): void {
    for (const part of this.parts) part.limit(room, now_ms);
  }

  override caughtUp(now_ms: number): void {
    for (const part of this.parts) part.caughtUp(now_ms);
  }

  override stateOf(address: number, port: number): ReturnType<Admission['stateOf']> {
    return this.parts[workerOf(address, port, COUNT)]!.stateOf(address, port);
  }

  override get revision(): number {
    return this.parts.reduce((sum, { revision }) => sum + revision, 0);
  }

  override states(): BucketState[] {
    const all: BucketStates[] = this.parts.map((part) => part.states());
    return all[0]!.map((_, bucket) =>
      LETS_IN.find((state) => all.some((states) => states[bucket] === state))!,
    );
  }
}

/** As one engine, for a world: the kernel's hash in between is `hash`. */
class SharedEngine extends Engine {
  readonly #parts: readonly Engine[];
  readonly #admission: SharedAdmission;
  /** As they stand whenever one is read. */
  readonly #counters = newCounters();
  /** As intercept knows it: who has registered a route. */
  readonly #owners = new ConnectionTable<Engine>();

  constructor(
    options: EngineOptions,
    outputs: EngineOutputs,
    private readonly hash: Hash,
    isShared: boolean,
  ) {
    super(options, outputs);
    this.#parts = Array.from({ length: COUNT }, (_, index) => {
      const part: Engine = new Engine(isShared ? { ...options, share: { index, count: COUNT } } : options, {
        ...outputs,
        register: (route, copied) => {
          // Who has it already keeps it: the other is told that no reply comes.
          if (this.#owners.get(route) === undefined) this.#owners.set(route, part);
          outputs.register(route, copied);
        },
        unregister: (route) => this.#over(route, part, outputs.unregister),
        abandon: (route) => this.#over(route, part, outputs.abandon),
        joinsUnknown: (token) => {
          for (const other of this.#parts) if (other !== part) other.isJoined(token, 0);
        },
      });
      return part;
    });
    for (const name of Object.keys(this.#counters) as CounterName[])
      Object.defineProperty(this.#counters, name, {
        get: () => this.#parts.reduce((sum, { counters }) => sum + counters[name], 0),
      });
    this.#admission = new SharedAdmission(this.#parts.map(({ admission }) => admission));
  }

  override get admission(): Admission {
    return this.#admission;
  }

  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    return this.#parts[this.hash(view)]!.captured(view, now_ms);
  }

  override repliesCame(replies: readonly Reply[], now_ms: number, clockAhead_ms?: number): void {
    for (const part of this.#parts) {
      const own = replies.filter((reply) => (this.#owners.get(reply) ?? this.#parts[0]) === part);
      if (own.length > 0) part.repliesCame(own, now_ms, clockAhead_ms);
    }
  }

  override unroutable(route: Route, now_ms: number): void {
    this.#owners.get(route)?.unroutable(route, now_ms);
  }

  override get counters(): Counters {
    return this.#counters;
  }

  override get sessionCount(): number {
    return this.#parts.reduce((sum, { sessionCount }) => sum + sessionCount, 0);
  }

  override get memoryUsed_bytes(): number {
    return this.#parts.reduce((sum, { memoryUsed_bytes }) => sum + memoryUsed_bytes, 0);
  }

  override nextDeadline_ms(): number {
    return Math.min(...this.#parts.map((part) => part.nextDeadline_ms()));
  }

  override routes(): Route[] {
    return this.#parts.flatMap((part) => part.routes());
  }

  override late(now_ms: number): void {
    for (const part of this.#parts) part.late(now_ms);
  }

  override lossReported(now_ms: number): void {
    for (const part of this.#parts) part.lossReported(now_ms);
  }

  override clientsGone(now_ms: number): void {
    for (const part of this.#parts) part.clientsGone(now_ms);
  }

  override tick(now_ms: number): void {
    for (const part of this.#parts) part.tick(now_ms);
  }

  override left(from_ms: number, until_ms: number): void {
    for (const part of this.#parts) part.left(from_ms, until_ms);
  }

  override setGuard(guard: GuardLevel, now_ms: number): void {
    for (const part of this.#parts) part.setGuard(guard, now_ms);
  }

  override setPasslist(passlist: LettingThrough, now_ms: number): void {
    for (const part of this.#parts) part.setPasslist(passlist, now_ms);
  }

  override shutdown(now_ms: number): void {
    for (const part of this.#parts) part.shutdown(now_ms);
  }

  #over(route: Route, part: Engine, tell: (route: Route) => void): void {
    if (this.#owners.get(route) === part) this.#owners.delete(route);
    tell(route);
  }
}

export const shared: MakeEngine = (options, outputs) => new SharedEngine(options, outputs, byClient, true);

/** Two workers that the connections are wrongly shared out to. */
export const KNOWN_BAD_WHEN_SHARED: Readonly<Record<string, MakeEngine>> = {
  'by what is different in each segment of a connection': (options, outputs) =>
    new SharedEngine(options, outputs, ({ sequence }) => (sequence >>> 8) % COUNT, true),
  'by the address of the client, before its port was heard of': (options, outputs) =>
    new SharedEngine(options, outputs, ({ flags }) => (flags & 2) >>> 1, true),
};

/** Two workers that take any endpoint, as if they were alone. */
export const unshared: MakeEngine = (options, outputs) => new SharedEngine(options, outputs, byClient, false);
