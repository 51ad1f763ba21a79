/** The test server's machine: finds the connection of each segment, accepts, refuses, is dead, starts again. */
import type { EndpointKey } from '../../../../src/wire/flow';
import { ACK, RST, SYN } from '../../../../src/wire/tcp';
import type { Agenda } from '../agenda';
import type { Conversation } from '../plan/conversation';
import type { EventKind, ServerBehaviour } from '../plan/plan';
import type { Random } from '../plan/random';
import { TestProgram, type Served } from './test-program';
import { ProgramTurns, TestReading } from './test-reading';
import { TestTcp, type ArrivingSegment, type ServerSegment } from './test-tcp';

type HostEvent = Extract<EventKind, 'server-dead' | 'server-refuses' | 'server-resets' | 'server-stalls'>;

/** The program that resets connections comes to each so soon; its kernel takes what is said until then. */
const ACCEPTS_WITHIN_MS = 100;

export class TestHost {
  /** A program for each connection. */
  readonly programs: TestProgram[] = [];
  readonly #connections = new Map<EndpointKey, TestTcp>();
  readonly #served: Served;
  readonly #turns = new ProgramTurns();
  #dead = 0;
  #refusing = 0;
  #initial: number;

  constructor(
    private readonly behaviour: ServerBehaviour,
    private readonly agenda: Agenda,
    private readonly random: Random,
    /** A response leaves, and the guard catches it. */
    private readonly answered: (client: EndpointKey, segment: ServerSegment) => void,
    private readonly complain: (problem: string) => void,
  ) {
    this.#served = { manner: behaviour.manner, answered: 0, resets: 0, resetsAfter_ms: 0 };
    this.#initial = random.chance(0.4) ? (0 - random.between(1, 5000)) >>> 0 : random.between(0, 0xffffffff);
  }

  /** Of clients: those that may still say something. */
  open(): EndpointKey[] {
    return [...this.#connections].filter(([, tcp]) => tcp.isOpen).map(([client]) => client);
  }

  connectionOf(client: EndpointKey): TestTcp | undefined {
    return this.#connections.get(client);
  }

  /** What goes on for so long, and is over. @param late_ms when a program comes to a connection that it resets */
  happen(kind: HostEvent, for_ms: number, late_ms: number): void {
    const { agenda } = this;
    switch (kind) {
      case 'server-dead':
        this.#dead += 1;
        agenda.after(for_ms, () => (this.#dead -= 1));
        break;
      case 'server-refuses':
        this.#refusing += 1;
        agenda.after(for_ms, () => (this.#refusing -= 1));
        break;
      case 'server-resets':
        this.#served.resets += 1;
        this.#served.resetsAfter_ms = Math.min(late_ms, ACCEPTS_WITHIN_MS);
        agenda.after(for_ms, () => (this.#served.resets -= 1));
        break;
      case 'server-stalls':
        this.#turns.stall();
        agenda.after(for_ms, () => this.#turns.goOn());
        break;
    }
  }

  restart(for_ms: number): void {
    for (const tcp of this.#connections.values()) tcp.end();
    this.#connections.clear();
    this.happen('server-refuses', for_ms, 0);
  }

  /** @param speakers whose copy it may be; undefined when nobody can know */
  arrive(
    client: EndpointKey,
    segment: ArrivingSegment,
    windowScale: number | undefined,
    speakers: readonly Conversation[] | undefined,
  ): void {
    if (this.#dead > 0) return;
    const known = this.#connections.get(client);
    const syn = (segment.flags & (SYN | ACK | RST)) === SYN;
    // RFC 9293, section 3.6.1: a new connection may follow one in TIME-WAIT at once.
    const free = !known || known.state === 'closed' || (known.state === 'time-wait' && syn);
    if (!free) known.arrive(segment);
    else if (syn && this.#refusing === 0 && speakers) this.#accept(client, segment, windowScale, speakers);
    else if (!(segment.flags & RST)) this.#refuse(client, segment);
  }

  #accept(
    client: EndpointKey,
    syn: ArrivingSegment,
    windowScale: number | undefined,
    speakers: readonly Conversation[],
  ): void {
    const { random } = this;
    const program = new TestProgram(speakers, syn.sequence, this.agenda, this.#served);
    const reading = new TestReading(program, this.#turns, this.behaviour.oneByOne === true);
    const initial = this.#initial;
    // RFC 6528: well above, so that late segments of an older connection are known as such.
    this.#initial = (initial + random.between(1_000_000, 30_000_000)) >>> 0;
    const tcp: TestTcp = new TestTcp(syn, windowScale !== undefined, initial, this.behaviour, this.agenda, {
      emit: (segment) => this.#emit(client, segment),
      established: () => program.established(tcp),
      read: (bytes) => reading.arrived(bytes),
      readEnd: () => reading.ended(),
      complain: (problem) => this.complain(`a connection of ${client} ${problem}`),
    });
    this.#connections.set(client, tcp);
    this.programs.push(program);
  }

  #refuse(client: EndpointKey, { flags, sequence, acknowledgment, payload }: ArrivingSegment): void {
    const silence = { window: 0, payloadLength: 0 };
    if (flags & ACK)
      this.#emit(client, { sequence: acknowledgment, acknowledgment: 0, flags: RST, ...silence });
    else {
      const expected = (sequence + payload.length + (flags & SYN ? 1 : 0)) >>> 0;
      this.#emit(client, { sequence: 0, acknowledgment: expected, flags: RST | ACK, ...silence });
    }
  }

  #emit(client: EndpointKey, segment: ServerSegment): void {
    if (this.#dead === 0) this.answered(client, segment);
  }
}
