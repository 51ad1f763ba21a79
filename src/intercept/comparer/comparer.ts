/**
 * Who compares for intercept: a process of its own, that nobody waits for. What tcpcopy tells goes on to it by a pipe, and where that is
 * full nothing more is read of who tells; responses of compared connections are led to a queue of its own, or go by the pipe as well.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Writable } from 'node:stream';
import { isSea } from 'node:sea';
import { SeenBatch } from '../../answers/seen/records';
import type { ComparingEvents, Peer, Teller } from '../../control/server';
import type { Turns } from '../../kernel/turns';
import type { Log } from '../../process/log';
import type { Lent, Reply, Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';
import { ConnectionTable } from '../../wire/tables/connection-table';
import { encodePiece } from './pipe';
import { tryReports } from './report-paths';
import type { CompareOptions, ComparerSays, ComparerStatus, ComparerWishes } from './wishes';

/** The word by which this program is started as the process that compares. */
export const COMPARER = 'comparer';
/** More in the pipe than this, and tellers are held. */
const PIPE_MAX_BYTES = 4 * 1024 * 1024;
/** Responses cannot be held: more than this, and they are lost. */
const RESPONSES_MAX_BYTES = 64 * 1024 * 1024;
const START_AGAIN_AFTER_MS = 2000;
const READY_MAX_MS = 20_000;
/** For what is in the pipe, and the report. */
const END_MAX_MS = 8000;
/** Of responses that go by the pipe. */
const NOBODY = 0;

export class Comparer implements ComparingEvents {
  #child: ChildProcess | undefined;
  #isReady = false;
  #isStopping = false;
  #again: NodeJS.Timeout | undefined;
  readonly #tellers = new Map<Teller, number>();
  #peers = NOBODY;
  /** Connections whose responses are compared, and whose they are. */
  readonly #routes = new ConnectionTable<Peer>();
  #status: ComparerStatus | undefined;
  readonly #crossedTold = new Set<string>();
  readonly #counters = { compare_restarts: 0, compare_lost_bytes: 0 };
  readonly #responses = new SeenBatch((records) => this.#put(NOBODY, records));
  #flushPlanned = false;

  readonly #clock_ms = performance.now() - Number(process.hrtime.bigint()) / 1e6;

  constructor(
    private readonly wishes: CompareOptions,
    private readonly turns: Turns,
    private readonly log: Log,
  ) {}

  /** Before it nothing is compared. @throws an Error that tells why it cannot compare */
  async start(): Promise<void> {
    const { queue, out } = this.wishes;
    tryReports(out);
    await this.#begin();
    this.log.info('comparing', { pid: this.#child!.pid, queue, out });
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#counters;
  }

  get gauges(): Readonly<Record<string, number>> {
    return { ...this.#status?.gauges, compare_tellers: this.#tellers.size };
  }

  /** What the test server says on these is compared. */
  compared(peer: Peer, routes: readonly Route[]): void {
    for (const route of routes) this.#routes.set(route, peer);
  }

  /** Their copies are over. */
  over(peer: Peer, routes: Lent<Route>): void {
    for (let index = 0; index < routes.length; index += 1) {
      const route = routes.at(index)!;
      if (this.#routes.get(route) === peer) this.#routes.delete(route);
    }
  }

  /** It does not come back. */
  gone(peer: Peer): void {
    for (const [route, one] of this.#routes.entries()) if (one === peer) this.#routes.delete(route);
  }

  isCompared(reply: Reply): boolean {
    return this.#isReady && this.#routes.get(reply) !== undefined;
  }

  /** Where responses are not led to a queue. @param segment lent */
  response(segment: SegmentView, at_ms: number): void {
    if (!this.#isReady || this.wishes.queue !== undefined) return;
    this.#responses.add('response', segment, at_ms);
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.turns.atEnd(() => {
      this.#flushPlanned = false;
      this.#responses.flush();
    });
  }

  joined(teller: Teller): void {
    this.#peers += 1;
    this.#tellers.set(teller, this.#peers);
    this.log.info('tcpcopy tells what is compared', { peer: teller.name });
    if (this.#isFull) teller.hold(true);
  }

  seen(teller: Teller, records: Uint8Array): void {
    this.#put(this.#tellers.get(teller)!, records);
    if (this.#isFull) this.#hold(true);
  }

  left(teller: Teller, reason: string): void {
    const peer = this.#tellers.get(teller)!;
    this.#tellers.delete(teller);
    this.#pipe?.write(encodePiece('gone', peer));
    this.log.info('tcpcopy tells no more', { peer: teller.name, reason });
  }

  /** What was told is compared to its end, and the report written. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#isReady = false;
    clearTimeout(this.#again);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin!.end();
    const deadline = setTimeout(() => child.kill('SIGKILL'), END_MAX_MS);
    await ended;
    clearTimeout(deadline);
  }

  get #pipe(): Writable | undefined {
    return this.#isReady || this.#isStopping ? (this.#child?.stdin ?? undefined) : undefined;
  }

  get #isFull(): boolean {
    return (this.#pipe?.writableLength ?? 0) > PIPE_MAX_BYTES;
  }

  #put(peer: number, records: Uint8Array): void {
    const pipe = this.#pipe;
    if (pipe && pipe.writableLength < RESPONSES_MAX_BYTES) pipe.write(encodePiece('seen', peer, records));
    else this.#counters.compare_lost_bytes += records.length;
  }

  #hold(isHeld: boolean): void {
    for (const teller of this.#tellers.keys()) teller.hold(isHeld);
  }

  #begin(): Promise<void> {
    const argv = isSea() ? [] : [...process.execArgv, process.argv[1]!];
    const child = spawn(process.execPath, [...argv, COMPARER], {
      argv0: process.argv0,
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.stdin!.on('error', () => undefined);
    child.stdin!.on('drain', () => this.#hold(false));
    const wishes: ComparerWishes = { ...this.wishes, clock_ms: this.#clock_ms };
    child.send(wishes, () => undefined);
    return new Promise((resolve, reject) => {
      let reason: string | undefined;
      const late = setTimeout(() => {
        reason = 'it was not ready in time';
        child.kill('SIGKILL');
      }, READY_MAX_MS);
      child.on('message', (message) => {
        const said = message as ComparerSays;
        if (said.kind === 'ready') {
          clearTimeout(late);
          this.#isReady = true;
          resolve();
        } else if (said.kind === 'failed') reason = said.reason;
        else this.#heard(said);
      });
      child.once('error', (error) => (reason = error.message));
      child.once('close', (status, signal) => {
        clearTimeout(late);
        const wasReady = this.#isReady;
        this.#ended();
        const why = reason ?? (signal ? `it was ended by ${signal}` : `it ended with status ${status}`);
        reject(new Error(this.#whyNot(why)));
        if (wasReady) this.#tellLost(why);
      });
    });
  }

  #whyNot(reason: string): string {
    const { queue } = this.wishes;
    const mend =
      queue === undefined
        ? ''
        : `; it needs NFQUEUE ${queue} for itself (--compare-queue, see /proc/net/netfilter/nfnetlink_queue)`;
    return `cannot compare: ${reason}${mend}`;
  }

  #heard(said: Exclude<ComparerSays, { kind: 'ready' | 'failed' }>): void {
    if (said.kind === 'unwritten') {
      this.log.warning('report not written', {
        reason: said.reason,
        next: 'see --compare-out; it is written again in time, and at the end',
      });
      return;
    }
    this.#status = said;
    const fresh = said.crossed.filter((limit) => !this.#crossedTold.has(limitOf(limit)));
    for (const limit of fresh) this.#crossedTold.add(limitOf(limit));
    if (fresh.length > 0)
      this.log.warning('limits of the comparison passed', {
        limits: fresh,
        next: 'the report (--compare-out) says where and how',
      });
    if (said.kind === 'ended')
      this.log.info('compared', { ...said.gauges, summary: said.summary.split('\n') });
  }

  #ended(): void {
    this.#isReady = false;
    this.#child = undefined;
    this.#hold(false);
  }

  #tellLost(reason: string): void {
    if (this.#isStopping) return;
    this.#counters.compare_restarts += 1;
    this.log.warning('comparison lost', {
      reason,
      next: 'nothing: it begins anew by itself, with an empty report; copies go on as before',
    });
    this.#beginAgain();
  }

  #beginAgain(): void {
    this.#again = setTimeout(() => {
      this.#begin().then(
        () => this.log.info('comparing', { pid: this.#child!.pid }),
        (error: unknown) => {
          this.log.warning('not comparing', {
            reason: (error as Error).message,
            next: 'it is tried again by itself',
          });
          if (!this.#isStopping) this.#beginAgain();
        },
      );
    }, START_AGAIN_AFTER_MS).unref();
  }
}

/** Its figures change. */
const limitOf = (crossed: string): string => crossed.slice(0, crossed.indexOf(':'));
