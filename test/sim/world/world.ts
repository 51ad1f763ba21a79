/**
 * A whole copy in simulated time: clients and their online server, capture, the session engine, a network that loses,
 * repeats, delays and reorders, test servers that are TCP, and the control channel on which replies come back.
 */
import { Engine } from '../../../src/session/engine';
import { endpointKey } from '../../../src/wire/flow';
import { emitIpv4 } from '../../../src/wire/ipv4';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { emitTcp, SYN } from '../../../src/wire/tcp';
import { formatSegment } from '../../../src/wire/print';
import { tcpChecksum } from '../../../src/wire/checksum';
import { emitSynOptions, readSynOptions } from '../../../src/wire/tcp-options';
import { Agenda } from './agenda';
import { SimulatedClient, type CaptureFaults, type ClientSegment } from './client';
import { Random } from './random';
import { makeScript, requestBytesTotal, type ConnectionScript } from './script';
import { CLIENT_SCALE, ServerConnection, type ServerBehaviour, type ServerSegment } from './test-server';

const CLIENT = 0xc612_0a0a;
const ONLINE = 0xc612_0a14;
export const TEST = 0xc612_0a1e;
const ONLINE_PORT = 80;
export const TEST_PORT = 8080;

/** What may go wrong, as shares of all packets. */
export interface Faults extends CaptureFaults {
  readonly copyLost: number;
  readonly copyRepeated: number;
  readonly copyReordered: number;
  /** Responses that the guard's queue dropped before anybody read them. */
  readonly replyLost: number;
  readonly controlDelay_ms: number;
}

export const NO_FAULTS: Faults = {
  repeated: 0,
  late: 0,
  recut: 0,
  missed: 0,
  copyLost: 0,
  copyRepeated: 0,
  copyReordered: 0,
  replyLost: 0,
  controlDelay_ms: 0.3,
};

export function drawFaults(random: Random): Faults {
  const often = random.pick([0, 0.01, 0.05, 0.2]);
  return {
    repeated: random.chance(0.5) ? often : 0,
    late: random.chance(0.5) ? often : 0,
    recut: random.chance(0.5) ? often : 0,
    missed: 0,
    copyLost: random.chance(0.5) ? often : 0,
    copyRepeated: random.chance(0.3) ? often : 0,
    copyReordered: random.chance(0.3) ? often : 0,
    replyLost: random.chance(0.3) ? often : 0,
    controlDelay_ms: random.pick([0.05, 0.3, 2, 20]),
  };
}

export interface WorldReport {
  readonly seed: number;
  /** Properties that did not hold, as sentences. */
  readonly violations: readonly string[];
  readonly counters: Engine['counters'];
  readonly finishedAt_ms: number;
  readonly connections: number;
}

/** The longest simulated time that a world may take to come to rest after its last client closed. */
const REST_MS = 1_000_000;

export class World {
  readonly agenda = new Agenda();
  readonly random: Random;
  readonly engine: Engine;
  readonly violations: string[] = [];
  readonly scripts: ConnectionScript[] = [];
  readonly #servers = new Map<number, ServerConnection[]>();
  readonly #queues = new Map<number, ConnectionScript[]>();
  readonly #unclaimed: ConnectionScript[] = [];
  readonly #routes = new Map<number, number>();
  readonly #view = emptySegmentView();
  readonly #arriving = emptySegmentView();
  #controlFreeAt_ms = 0;
  #wakeAt_ms = Infinity;
  /** Told of every segment, for a person who looks for the reason of a failure. */
  trace: ((line: string) => void) | undefined;

  constructor(
    readonly seed: number,
    readonly faults: Faults,
    private readonly behaviour: ServerBehaviour,
    makeEngine: (outputs: ConstructorParameters<typeof Engine>[1]) => Engine = (outputs) =>
      new Engine(
        {
          transfers: [
            { onlineAddress: undefined, onlinePort: ONLINE_PORT, testAddress: TEST, testPort: TEST_PORT },
          ],
        },
        outputs,
      ),
  ) {
    this.random = new Random(seed);
    this.engine = makeEngine({
      send: (packet, length) => this.#onWire(packet.slice(0, length)),
      register: (route) => this.#routes.set(routeKey(route), 1),
      unregister: (route) => this.#routes.delete(routeKey(route)),
    });
    this.engine.setArmed(true, 0);
  }

  /** Plays the scripts to the end and checks what must hold. */
  run(scripts: readonly ConnectionScript[]): WorldReport {
    this.scripts.push(...scripts);
    for (const script of scripts) {
      const { clientPort } = script;
      const queue = this.#queues.get(clientPort);
      if (queue) {
        queue.push(script);
        continue;
      }
      this.#queues.set(clientPort, [script]);
      this.agenda.after(script.startsAt_ms, () => this.#startNextOn(clientPort));
    }
    while (this.agenda.step(REST_MS)) this.#keepTime();
    this.#checkAtRest();
    return {
      seed: this.seed,
      violations: this.violations,
      counters: this.engine.counters,
      finishedAt_ms: this.agenda.now_ms,
      connections: scripts.length,
    };
  }

  /** A client uses its port again once its last connection is over, however far the copy is. */
  #startNextOn(port: number): void {
    const script = this.#queues.get(port)?.shift();
    if (!script) return;
    this.#unclaimed.push(script);
    new SimulatedClient(
      script,
      this.agenda,
      this.random,
      this.faults,
      (segment) => this.#captured(segment),
      () => this.agenda.after(this.random.between(0, 60), () => this.#startNextOn(port)),
    ).start();
  }

  #captured(segment: ClientSegment): void {
    const packet = new Uint8Array(60 + segment.payload.length);
    const optionsLength =
      segment.flags & SYN
        ? emitSynOptions(packet, 40, { maximumSegmentSize: 1460, windowScale: CLIENT_SCALE })
        : 0;
    const totalLength = 40 + optionsLength + segment.payload.length;
    emitIpv4(packet, 0, {
      totalLength,
      identification: 1,
      ttl: 64,
      protocol: 6,
      source: CLIENT,
      destination: ONLINE,
    });
    emitTcp(packet, 20, {
      sourcePort: segment.port,
      destinationPort: ONLINE_PORT,
      sequence: segment.sequence,
      acknowledgment: segment.acknowledgment,
      headerLength: 20 + optionsLength,
      flags: segment.flags,
      window: 64240,
    });
    packet.set(segment.payload, 40 + optionsLength);
    const fault = viewSegment(this.#view, packet, 0, totalLength, 'whole');
    if (fault) throw new Error(`the simulated capture is no segment: ${fault}`);
    this.trace?.(`${this.agenda.now_ms.toFixed(2)} captured ${formatSegment(this.#view)}`);
    this.engine.captured(this.#view, this.agenda.now_ms);
    packet.fill(0xee); // a captured buffer is borrowed: whoever kept it reads this
  }

  /** A packet of the engine leaves for the test server. */
  #onWire(packet: Uint8Array): void {
    const { random, faults, agenda } = this;
    if (random.chance(faults.copyLost)) return;
    const delay_ms = random.chance(faults.copyReordered) ? random.next() * 5 : 0.1;
    agenda.after(delay_ms, () => this.#arrive(packet));
    if (random.chance(faults.copyRepeated))
      agenda.after(delay_ms + random.next(), () => this.#arrive(packet));
  }

  #arrive(packet: Uint8Array): void {
    const view = this.#arriving;
    const fault = viewSegment(view, packet, 0, packet.length, 'whole');
    if (fault) {
      this.violations.push(`a packet on the wire is no segment: ${fault}`);
      return;
    }
    if (view.destination !== TEST || view.destinationPort !== TEST_PORT) {
      this.violations.push(`a packet was addressed to ${view.destination}:${view.destinationPort}`);
      return;
    }
    const residue = tcpChecksum(
      packet,
      view.tcpOffset,
      packet.length - view.tcpOffset,
      view.source,
      view.destination,
    );
    if (residue !== 0) this.violations.push('a packet had a wrong TCP checksum');
    this.trace?.(`${this.agenda.now_ms.toFixed(2)} arrived  ${formatSegment(view)}`);
    const port = view.sourcePort;
    const payload = packet.slice(view.payloadOffset, view.payloadOffset + view.payloadLength);
    const { sequence, acknowledgment, flags, window } = view;
    const segment = { sequence, acknowledgment, flags, window, payload };
    const known = this.#servers.get(port)?.at(-1);
    if (known && known.state !== 'closed') {
      known.arrive(segment);
      return;
    }
    if (flags === SYN) this.#accept(port, segment, packet, view.tcpOffset);
    else if (known) known.arrive(segment);
  }

  #accept(
    port: number,
    segment: Parameters<ServerConnection['arrive']>[0],
    packet: Uint8Array,
    tcpOffset: number,
  ): void {
    const script = this.#unclaimed.find(
      (one) => one.clientPort === port && one.initialSequence === segment.sequence,
    );
    if (!script) return; // a late repetition of a SYN whose connection is over
    this.#unclaimed.splice(this.#unclaimed.indexOf(script), 1);
    if (readSynOptions(packet, tcpOffset).windowScale !== CLIENT_SCALE) {
      this.violations.push('the copied SYN lost its window scale');
    }
    const server = new ServerConnection(script, segment, this.behaviour, this.agenda, this.random, (answer) =>
      this.#answered(port, answer),
    );
    const all = this.#servers.get(port) ?? [];
    all.push(server);
    this.#servers.set(port, all);
  }

  /** The guard catches a response: its header goes back in order on the control channel, to whoever registered. */
  #answered(port: number, answer: ServerSegment): void {
    this.trace?.(`${this.agenda.now_ms.toFixed(2)} answered ${port} ${JSON.stringify(answer)}`);
    if (this.random.chance(this.faults.replyLost)) return;
    const synOptions = (answer.flags & SYN) !== 0;
    const reply: Reply = {
      clientAddress: CLIENT,
      clientPort: port,
      serverAddress: TEST,
      serverPort: TEST_PORT,
      ...answer,
      maximumSegmentSize: synOptions ? this.behaviour.segment_bytes : undefined,
      windowScale: synOptions ? this.behaviour.windowScale : undefined,
    };
    if (!this.#routes.has(routeKey(reply))) return;
    const at_ms = Math.max(
      this.#controlFreeAt_ms,
      this.agenda.now_ms + this.faults.controlDelay_ms * this.random.next(),
    );
    this.#controlFreeAt_ms = at_ms;
    this.agenda.after(at_ms - this.agenda.now_ms, () => this.engine.replied(reply, this.agenda.now_ms));
  }

  #keepTime(): void {
    const deadline_ms = this.engine.nextDeadline_ms();
    if (deadline_ms >= this.#wakeAt_ms) return;
    this.#wakeAt_ms = deadline_ms;
    this.agenda.after(Math.max(0, deadline_ms - this.agenda.now_ms), () => {
      this.#wakeAt_ms = Infinity;
      this.engine.tick(this.agenda.now_ms);
    });
  }

  /** A TCP outlasts moderate losses; only a capture with holes, or one packet in five lost, may defeat it. */
  get #mayGiveUp(): boolean {
    const { missed, copyLost, replyLost } = this.faults;
    return missed > 0 || copyLost > 0.1 || replyLost > 0.1;
  }

  #checkAtRest(): void {
    const { counters } = this.engine;
    const givenUp = sumOf(counters, 'sessions_given_up_');
    if (givenUp > 0 && !this.#mayGiveUp)
      this.violations.push(`${givenUp} sessions were given up without need`);
    for (const script of this.scripts) this.#checkHeard(script, givenUp + counters.answers_not_awaited > 0);
    if (this.engine.memoryUsed_bytes !== 0)
      this.violations.push(`${this.engine.memoryUsed_bytes} bytes were left held`);
    if (this.engine.sessionCount !== 0)
      this.violations.push(`${this.engine.sessionCount} sessions were left open`);
    if (counters.sessions_started !== counters.sessions_completed + givenUp) {
      this.violations.push('sessions started are not sessions completed and given up');
    }
    if (counters.segments_captured !== counters.segments_used + sumOf(counters, 'segments_dropped_')) {
      this.violations.push('segments captured are not segments used and dropped');
    }
    const unsent = sumOf(counters, 'requests_given_up_');
    if (counters.requests_captured !== counters.requests_sent + unsent) {
      this.violations.push('requests captured are not requests sent and given up');
    }
    if (this.#routes.size > 0) this.violations.push(`${this.#routes.size} routes were left registered`);
  }

  #checkHeard(script: ConnectionScript, accountedFor: boolean): void {
    const server = this.#servers.get(script.clientPort)?.find((one) => one.script === script);
    const heard_bytes = server?.heard_bytes ?? 0;
    if (server && server.wrongAt >= 0) {
      this.violations.push(`connection ${script.id} heard a wrong byte at ${server.wrongAt}`);
    }
    const total = requestBytesTotal(script);
    if (heard_bytes > total)
      this.violations.push(`connection ${script.id} heard ${heard_bytes} of ${total} bytes`);
    if (heard_bytes < total && !accountedFor) {
      this.violations.push(
        `connection ${script.id} heard only ${heard_bytes} of ${total} bytes, and nothing says why`,
      );
    }
  }
}

const routeKey = (route: Route): number => endpointKey(route.clientAddress, route.clientPort);

const sumOf = (counters: Readonly<Record<string, number>>, prefix: string): number =>
  Object.entries(counters).reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);

export { makeScript };
