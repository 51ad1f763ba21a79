/** Capture and control channel -> engine -> injection, and the one timer that the engine needs. */
import { openCapture } from '../capture/open';
import { clientPackets } from '../capture/request';
import { localAddresses, smallestMtu_bytes } from '../kernel/local-addresses';
import type { CaptureSource } from '../capture/source';
import { ControlClient } from '../control/client';
import { openRawSink } from '../inject/raw';
import { SEND_REFUSALS, type InjectSink } from '../inject/sink';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Program, Running } from '../process/run';
import { Engine } from '../session/engine';
import { PORTS_PER_ADDRESS } from '../session/source-endpoints';
import { readU32 } from '../wire/big-endian';
import type { Route } from '../wire/reply';
import { parseTcpcopyOptions, type TcpcopyOptions } from './options';

/** Where an IPv4 header has its destination (RFC 791). */
const DESTINATION_OFFSET = 16;
/** How long replies to our last resets may still need their routes. */
const PARTING_MS = 100;

export const tcpcopyProgram: Program<TcpcopyOptions> = {
  name: 'tcpcopy',
  parse: (argv) =>
    parseTcpcopyOptions(argv, {
      addresses: new Set(localAddresses().map(({ address }) => address)),
      smallestMtu_bytes: smallestMtu_bytes(),
    }),
  start: (options, log) => Promise.resolve(new Tcpcopy(options, log)),
};

class Tcpcopy implements Running {
  readonly #engine: Engine;
  readonly #capture: CaptureSource;
  readonly #sink: InjectSink;
  readonly #clients: readonly ControlClient[];
  /** By intercept. */
  readonly #passlists = new Map<string, readonly number[]>();
  readonly #refusalsTold = new Set<string>();
  #portsTold = false;
  #armed = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt_ms = Infinity;

  constructor(
    options: TcpcopyOptions,
    private readonly log: Log,
  ) {
    const { transfers, loopbackAddress } = options.engine;
    this.#sink = openRawSink();
    this.#engine = new Engine(options.engine, {
      send: (packet, length) => this.#send(packet, length),
      register: (route) => this.#tell(route, 'register'),
      unregister: (route) => this.#tell(route, 'unregister'),
    });
    const endpoints = transfers.map(({ onlineAddress, onlinePort }) => ({
      address: onlineAddress,
      port: onlinePort,
    }));
    const loopback = loopbackAddress !== undefined;
    this.#capture = openCapture(
      options.io,
      clientPackets({ endpoints, loopback }, options.capture, localAddresses()),
      {
        segment: (view) => {
          this.#engine.captured(view, performance.now());
          this.#attendTimer();
          this.#tellPortsExhausted();
        },
        lost: (device, reason) =>
          log.warning('capture lost', {
            device,
            reason,
            next: `bring ${device} up again (see ip link); it is captured on as soon as it is there`,
          }),
        found: (device) => log.info('capturing again', { device }),
      },
    );
    log.info('capturing', { on: this.#capture.description, inject: this.#sink.description });
    log.info('intercepts', {
      at: options.intercepts.map(({ host, port }) => `${host}:${port}`),
      server_option: READINGS[options.serverReading],
    });
    this.#clients = options.intercepts.map(({ host, port }) => this.#connect(host, port));
  }

  readings(): Readings {
    const capture = Object.entries(this.#capture.counters);
    return {
      counters: {
        ...Object.fromEntries(capture.map(([name, count]) => [`capture_${name}`, count])),
        ...this.#engine.counters,
      },
      gauges: {
        armed: this.#armed ? 1 : 0,
        sessions_open: this.#engine.sessionCount,
        session_memory_bytes: this.#engine.memoryUsed_bytes,
      },
    };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#capture.close();
    this.#engine.shutdown(performance.now());
    for (const client of this.#clients) client.flush();
    await new Promise((resolve) => setTimeout(resolve, PARTING_MS));
    for (const client of this.#clients) client.stop();
    this.#sink.close();
  }

  #connect(host: string, port: number): ControlClient {
    const client = new ControlClient(host, port, {
      state: (state) => {
        if (state.armed) this.log.info('intercept armed', { intercept: client.name });
        else {
          this.log.warning('waiting for intercept', {
            intercept: client.name,
            reason: state.reason,
            next: `nothing is sent until intercept runs at ${client.name} and its guard is armed; copying then starts by itself`,
          });
        }
        this.#attendGuard();
      },
      replies: (replies) => {
        const now_ms = performance.now();
        for (const reply of replies) this.#engine.replied(reply, now_ms);
        this.#engine.tick(now_ms);
        this.#attendTimer();
      },
      passlist: (addresses) => {
        this.#passlists.set(client.name, addresses);
        this.#engine.setPasslist(new Set([...this.#passlists.values()].flat()));
      },
      unroutable: (routes) => {
        const now_ms = performance.now();
        for (const route of routes) this.#engine.unroutable(route, now_ms);
      },
    });
    client.start();
    return client;
  }

  /** Copying needs every intercept: any of them may be the one that catches a response. */
  #attendGuard(): void {
    const armed = this.#clients.every(({ state }) => state.armed);
    if (armed === this.#armed) return;
    this.#armed = armed;
    this.#engine.setArmed(armed, performance.now());
    this.log.info(armed ? 'copying' : 'not copying');
    this.#attendTimer();
  }

  #send(packet: Uint8Array, length: number): void {
    const refusal = this.#sink.send(packet, length, readU32(packet, DESTINATION_OFFSET));
    if (refusal === undefined) return;
    this.#engine.sendFailed(refusal);
    if (refusal === 'EMSGSIZE') this.#engine.limitMtu(smallestMtu_bytes() ?? Infinity);
    if (this.#refusalsTold.has(refusal)) return;
    this.#refusalsTold.add(refusal);
    this.log.warning('packet refused by the kernel', {
      reason: refusal,
      next: SEND_REFUSALS[refusal] ?? 'it is sent again in time; see the counters for how often this happens',
    });
  }

  #tellPortsExhausted(): void {
    if (this.#portsTold || this.#engine.counters['copies_refused_no-port'] === 0) return;
    this.#portsTold = true;
    this.log.warning('source ports exhausted', {
      sessions_open: this.#engine.sessionCount,
      ports_per_address: PORTS_PER_ADDRESS,
      next: `each open connection takes as many of the ${PORTS_PER_ADDRESS} ports of its source address as -n says: give a smaller -n, or more source addresses with -c`,
    });
  }

  #tell(route: Route, what: 'register' | 'unregister'): void {
    for (const client of this.#clients) {
      client[what](route);
      if (what === 'register') client.flush();
    }
  }

  /** One timer, moved only when something is due earlier than it. */
  #attendTimer(): void {
    const deadline_ms = this.#engine.nextDeadline_ms();
    if (deadline_ms >= this.#timerAt_ms) return;
    clearTimeout(this.#timer);
    this.#timerAt_ms = deadline_ms;
    this.#timer = setTimeout(
      () => {
        this.#timerAt_ms = Infinity;
        this.#engine.tick(performance.now());
        this.#attendTimer();
      },
      Math.max(0, deadline_ms - performance.now()),
    );
  }
}

const READINGS = {
  'not-given': '-s is not given: intercept runs on each test server',
  'own-address': "-s is this machine's address: intercept runs on each test server",
  intercepts: '-s lists the intercepts',
} as const;
