/**
 * What a service manager is told: that the program works, how it stands, that it is alive, and that it ends (sd_notify(3)).
 * Where none asks for it (NOTIFY_SOCKET), nobody is told.
 */
import { performance } from 'node:perf_hooks';
import { openKernel } from '../kernel/kernel';
import { sendUnixDatagram } from '../kernel/unix-datagram';
import type { Log } from './log';

/** How a program stands. */
export interface Standing {
  /** It does what it was started for. */
  readonly ready: boolean;
  /** A few words for whoever looks. */
  readonly status: string;
}

export interface ServiceManager {
  /** Tells from now on how the program stands; called for as long as it runs, and must be cheap. */
  attend(standing: () => Standing | Promise<Standing>): void;
  /** The program begins to end. */
  stopping(): void;
}

/** How soon it is told that the program is ready, or stands otherwise. */
const LOOK_EVERY_MS = 50;
const LOOK_LATER_EVERY_MS = 1000;

/**
 * @param environment of the process; what is for this process alone is taken out of it
 * @param send throws where the service manager cannot be told
 */
export function openServiceManager(
  log: Log,
  environment: NodeJS.ProcessEnv = process.env,
  send: (socket: string, text: string) => void = sendToSocket,
): ServiceManager | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdog_us, WATCHDOG_PID: watched } = environment;
  delete environment['NOTIFY_SOCKET'];
  delete environment['WATCHDOG_USEC'];
  delete environment['WATCHDOG_PID'];
  if (!socket) return undefined;
  const isWatched = watched === undefined || Number(watched) === process.pid;
  // Half of what it waits for, as sd_watchdog_enabled(3) has it.
  const alive_ms = isWatched && Number(watchdog_us) > 0 ? Number(watchdog_us) / 2000 : Infinity;
  return new Attendant((text) => send(socket, text), alive_ms, log);
}

const sendToSocket = (socket: string, text: string): void =>
  sendUnixDatagram(openKernel(), socket, Buffer.from(text));

class Attendant implements ServiceManager {
  #isReady = false;
  #status = '';
  #aliveAt_ms = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #failureTold = false;

  constructor(
    private readonly send: (text: string) => void,
    private readonly alive_ms: number,
    private readonly log: Log,
  ) {}

  attend(standing: () => Standing | Promise<Standing>): void {
    this.#look(standing);
  }

  stopping(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.#say(['STOPPING=1']);
  }

  #look(standing: () => Standing | Promise<Standing>): void {
    const found = standing();
    // Who is asked and does not answer is not alive, and nothing is told until it is.
    if (found instanceof Promise) found.then((told) => this.#tell(told, standing)).catch(() => undefined);
    else this.#tell(found, standing);
  }

  #tell({ ready, status }: Standing, standing: () => Standing | Promise<Standing>): void {
    if (this.#isStopping) return;
    const now_ms = performance.now();
    const words: string[] = [];
    if (ready && !this.#isReady) words.push('READY=1');
    if (status !== this.#status) words.push(`STATUS=${status}`);
    const wait_ms = Math.min(this.#isReady || ready ? LOOK_LATER_EVERY_MS : LOOK_EVERY_MS, this.alive_ms);
    // The event loop turns: that is what a watchdog asks.
    if (now_ms + wait_ms - this.#aliveAt_ms > this.alive_ms) {
      words.push('WATCHDOG=1');
      this.#aliveAt_ms = now_ms;
    }
    this.#isReady ||= ready;
    this.#status = status;
    this.#say(words);
    this.#timer = setTimeout(() => this.#look(standing), wait_ms).unref();
  }

  #say(words: readonly string[]): void {
    if (words.length === 0) return;
    try {
      this.send(words.join('\n'));
    } catch (error) {
      if (this.#failureTold) return;
      this.#failureTold = true;
      const next =
        'it works all the same; the service manager may end it, as it hears nothing (NOTIFY_SOCKET)';
      this.log.warning('service manager not told', { reason: (error as Error).message, next });
    }
  }
}
