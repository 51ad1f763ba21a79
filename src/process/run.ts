/**
 * How both programs run: options, `-d`, log, PID file, signals, and exit status (0 ended in order, 1 could not work,
 * 2 was called wrongly). With `-d` the program starts itself again, detached, and reports only when that one works.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSea } from 'node:sea';
import { openKernel } from '../kernel/kernel';
import { PackageUnavailableError } from '../kernel/optional-package';
import { leaveStartBehind } from '../kernel/own-memory';
import type { CommonOptions } from './common-options';
import { openLog, type Log } from './log';
import { watchOutput } from './output';
import { serveMetrics } from './metrics';
import { claimPidFile } from './pid-file';
import type { Readings } from './readings';
import { type Reloaded, Reloading } from './reload';
import { openServiceManager, type Standing } from './service-manager';
import { Signals } from './signals';

/** A program that works. */
export interface Running<Options extends CommonOptions = CommonOptions> extends Reloaded<Options> {
  readings(): Readings | Promise<Readings>;
  /** For a service manager; asked several times a second. */
  standing(): Standing | Promise<Standing>;
  /** For whoever sends traffic by it, at /ready: whether it does what it is for at this moment. Default: as it stands. */
  readiness?(): Standing | Promise<Standing>;
  /** Ends in order; resolves when everything is closed. */
  stop(): Promise<void>;
  /** Of a program that comes to an end by itself: its exit status, which is also told when it was stopped before. */
  readonly ended?: Promise<number>;
}

/** What a program's command line asks for. */
export type Command<Options> =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'refuse'; readonly faults: readonly string[] };

export interface Program<Options extends CommonOptions> {
  readonly name: string;
  parse(argv: readonly string[]): Command<Options>;
  /** Long names of what may change while it runs, besides what may of every program. */
  readonly changeable: readonly string[];
  /** Resolves when the program works. @throws an Error whose message tells what is wrong and how to mend it */
  start(options: Options, log: Log): Promise<Running<Options>>;
}

/** Set for the detached child of `-d`. */
const CHILD = 'TCPCOPY_LAB_DAEMON_CHILD';
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** By then it has done what it does once: by itself, and when others were there. */
const GIVEN_BACK_AFTER_MS = [1000, 10_000];

type Report = { readonly ready: true } | { readonly ready: false; readonly message: string };

export async function runProgram<Options extends CommonOptions>(program: Program<Options>): Promise<void> {
  const command = program.parse(process.argv.slice(2));
  if (command.kind === 'print') {
    watchOutput(program.name);
    process.stdout.write(command.text);
    return;
  }
  if (command.kind === 'refuse') {
    const lines = command.faults.map((fault) => `${program.name}: ${fault}\n`);
    process.stderr.write(`${lines.join('')}Try '${program.name} --help'.\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const { options } = command;
  if (options.daemon && process.env[CHILD] === undefined) await startDetached(program.name);
  else await runHere(program, options);
}

async function startDetached(name: string): Promise<void> {
  // A single executable is a program by the name that it is called by, and has its arguments behind that.
  const argv = isSea() ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, argv, {
    argv0: process.argv0,
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, [CHILD]: '1' },
  });
  const report = await new Promise<Report>((resolve) => {
    child.once('message', (message) => resolve(message as Report));
    child.once('error', (error) => resolve({ ready: false, message: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ ready: false, message: `ended before it was ready (${signal ?? `status ${String(code)}`})` }),
    );
  });
  if (!report.ready) {
    process.stderr.write(`${name}: ${report.message}\n`);
    process.exitCode = EXIT_FAILED;
    return;
  }
  child.disconnect();
  child.unref();
}

async function runHere<Options extends CommonOptions>(
  program: Program<Options>,
  options: Options,
): Promise<void> {
  const undo: (() => void)[] = [];
  const undoAll = (): void =>
    undo
      .splice(0)
      .reverse()
      .forEach((step) => step());
  const signals = new Signals(() => {
    undoAll();
    process.exit(EXIT_FAILED);
  });
  nameProcess(program.name);
  try {
    const log = openLog(
      program.name,
      options.logFile ?? (options.daemon ? defaultLogFile(program.name) : undefined),
    );
    undo.push(() => log.close());
    if (options.pidFile !== undefined) undo.push(claimPidFile(options.pidFile));
    for (const { option, reason } of options.withoutEffect)
      log.info('option without effect', { option, reason });
    let read = (): Readings | Promise<Readings> => ({ counters: {}, gauges: {} });
    let readiness = (): Standing | Promise<Standing> => ({ ready: false, status: 'starting' });
    if (options.metrics) {
      const asked = { read: () => read(), readiness: () => readiness() };
      const metrics = await serveMetrics(program.name, options.metrics, asked);
      undo.push(() => metrics.close());
    }
    const running = await program.start(options, log);
    read = () => running.readings();
    readiness = () => running.readiness?.() ?? running.standing();
    const logReadings = ({ counters, gauges, told = [] }: Readings): void => {
      for (const line of told) log.info('response times', line);
      log.info('counters', { ...gauges, ...counters });
    };
    const logCounters = async (): Promise<void> => {
      const readings = read();
      if (!(readings instanceof Promise)) logReadings(readings);
      // What cannot be read is about to end, and says so itself.
      else await readings.then(logReadings).catch(() => undefined);
    };
    let stats: NodeJS.Timeout | undefined;
    let statsEvery_s: number | undefined;
    const logEvery = (every: CommonOptions): void => {
      if (every.statsEvery_s === statsEvery_s) return;
      statsEvery_s = every.statsEvery_s;
      clearInterval(stats);
      if (statsEvery_s !== undefined)
        stats = setInterval(() => void logCounters(), statsEvery_s * 1000).unref();
    };
    logEvery(options);
    log.info('started', { pid: process.pid });
    const manager = openServiceManager(log);
    manager?.attend(() => running.standing());
    const stopping = (): void => {
      readiness = () => ({ ready: false, status: 'stopping' });
      manager?.stopping();
    };
    const reloading = new Reloading(program, process.argv.slice(2), options, running, logEvery, log);
    let isEnding = false;
    const end = async (): Promise<void> => {
      if (isEnding) return;
      isEnding = true;
      stopping();
      await reloading.settled;
      const [, ended] = await Promise.allSettled([running.stop(), running.ended ?? 0]);
      await logCounters();
      log.info('stopped');
      undoAll();
      if (ended.status === 'rejected') process.stderr.write(`${(ended.reason as Error).message}\n`);
      process.exit(ended.status === 'fulfilled' ? ended.value : EXIT_FAILED);
    };
    running.ended?.then(end, end);
    await tell({ ready: true });
    process.removeAllListeners('disconnect');
    for (const after_ms of GIVEN_BACK_AFTER_MS) setTimeout(giveMemoryBack, after_ms).unref();
    signals.attend({
      stop: (signal) => {
        log.info('stopping', { signal });
        void end();
      },
      stoppedAgain: (signal) =>
        log.warning('stopped by a second signal', {
          signal,
          next: 'what was not brought to an end stays as it is',
        }),
      count: () => void logCounters(),
      reload: () => {
        if (!isEnding) void reloading.reload();
      },
    });
  } catch (error) {
    const { message } = error as Error;
    undoAll();
    if (!process.send) process.stderr.write(`${program.name}: ${message}\n`);
    await tell({ ready: false, message });
    process.exit(EXIT_FAILED);
  }
}

function giveMemoryBack(): void {
  try {
    leaveStartBehind(openKernel());
  } catch (error) {
    // Where the kernel cannot be called, more stays resident.
    if (!(error instanceof PackageUnavailableError)) throw error;
  }
}

/** So that `pkill tcpcopy` and `top` know it by the name that people do (proc(5), /proc/pid/comm). */
function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // Not Linux, or no /proc: then it keeps the interpreter's name.
  }
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send || process.env[CHILD] === undefined) {
      resolve();
      return;
    }
    process.send(report, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

function defaultLogFile(name: string): string {
  const preferred = `/var/log/${name}.log`;
  try {
    accessSync(dirname(preferred), constants.W_OK);
    return preferred;
  } catch {
    return `/tmp/${name}.log`;
  }
}
