/** Capture file -> copier, to its end: then the copies come to rest, and the account is given. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureFile } from '../capture/pcap-file';
import { Replay } from '../capture/replay';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Running } from '../process/run';
import type { DropReason } from '../session/tables/counters';
import { SYN } from '../wire/tcp';
import type { SegmentView } from '../wire/segment';
import { accountText, losses, type Account } from './account';
import { Brake } from './brake';
import { Copier } from './copier';
import type { TcpcopyOptions } from './options';
import { showProgress } from './progress-line';
import type { ReplayOptions } from './replay-options';

const LOOK_EVERY_MS = 20;
/** Copies that do not move for so long after the last packet are given up: longer than any of them waits for an answer. */
const REST_MAX_MS = 60_000;
const EXIT_LOST = 1;

export class Offline implements Running {
  /** Exit status; resolves when everything is replayed, or was stopped. */
  readonly ended: Promise<number>;
  readonly #copier: Copier;
  readonly #brake: Brake;
  readonly #stopped = new AbortController();
  readonly #unused: Partial<Record<DropReason, number>> = {};
  /** Of the rounds before this one. */
  readonly #read: Record<string, number> = {};
  readonly #startedAt_ms = performance.now();
  #captured_ms = 0;

  private constructor(
    options: TcpcopyOptions,
    private readonly replay: ReplayOptions,
    private file: CaptureFile,
    private readonly log: Log,
  ) {
    this.#brake = new Brake(options.engine.memory_bytes);
    this.#copier = new Copier(options, log);
    const { file: name, speed, times } = replay;
    log.info('replaying', { file: name, bytes: file.size_bytes, speed, times });
    this.ended = this.#run(options);
    // Whoever asks for it hears of it; nobody else has to.
    this.ended.catch(() => undefined);
  }

  /** @throws CaptureError when the file cannot be read, or is no capture */
  static async start(options: TcpcopyOptions, replay: ReplayOptions, log: Log): Promise<Offline> {
    return new Offline(options, replay, await openFile(options, replay), log);
  }

  readings(): Readings {
    return this.#copier.readings(this.#counters());
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.ended.catch(() => undefined);
    await this.#copier.stop();
  }

  async #run(options: TcpcopyOptions): Promise<number> {
    const hide = showProgress(() => ({
      packets: this.#counters()['packets'] ?? 0,
      share: this.file.share,
      ...this.#copier.state,
    }));
    const { signal } = this.#stopped;
    let replayed: Replay | undefined;
    try {
      for (let round = 0; round < this.replay.times && !signal.aborted; round += 1) {
        if (round > 0) await this.#rewind(options);
        replayed = new Replay(this.file, this.replay, round, {
          ready: () => this.#brake.released(this.#copier.state, performance.now()),
          play: (view) => this.#play(view),
        });
        await replayed.run(signal);
        this.#captured_ms += replayed.captured_ms;
        this.#copier.clientsGone();
        await this.#rest(signal);
      }
    } finally {
      hide();
      await this.file.close();
    }
    return this.#tell(replayed, !signal.aborted);
  }

  /** Counts what is lost of what clients said; acknowledgments that are of no use are none of that. */
  #play(view: SegmentView): void {
    const { payloadLength, flags } = view;
    const reason = this.#copier.captured(view);
    if (reason && (payloadLength > 0 || flags & SYN)) this.#unused[reason] = (this.#unused[reason] ?? 0) + 1;
  }

  async #rewind(options: TcpcopyOptions): Promise<void> {
    Object.assign(this.#read, this.#counters());
    await this.file.close();
    this.file = await openFile(options, this.replay);
    this.#copier.beginAnew();
  }

  async #rest(signal: AbortSignal): Promise<void> {
    let movedAt_ms = performance.now();
    let progress = -1;
    while (!signal.aborted && this.#copier.state.sessions > 0) {
      const now_ms = performance.now();
      if (this.#copier.state.progress !== progress) movedAt_ms = now_ms;
      progress = this.#copier.state.progress;
      if (now_ms - movedAt_ms > REST_MAX_MS) break;
      await sleep(LOOK_EVERY_MS);
    }
    this.#copier.endAll();
  }

  #tell(replayed: Replay | undefined, isWhole: boolean): number {
    const half = replayed?.lateness.within_ms(0.5);
    const most = replayed?.lateness.within_ms(0.99);
    const account: Account = {
      file: this.replay.file,
      duration_ms: performance.now() - this.#startedAt_ms,
      captured_ms: this.#captured_ms,
      isWhole,
      read: this.#counters(),
      damages: this.file.damages,
      unused: this.#unused,
      counters: this.#copier.counters,
      lateness_ms: half === undefined || most === undefined ? undefined : { half, most },
    };
    const lost = losses(account);
    const { duration_ms, captured_ms, lateness_ms } = account;
    this.log.info('replayed', { duration_ms, captured_ms, lateness_ms, lost });
    process.stdout.write(accountText(account));
    return lost.length === 0 ? 0 : EXIT_LOST;
  }

  /** Of all rounds. */
  #counters(): Record<string, number> {
    const names = new Set([...Object.keys(this.#read), ...Object.keys(this.file.counters)]);
    const current = this.file.counters as Readonly<Record<string, number>>;
    return Object.fromEntries(
      [...names].map((name) => [name, (this.#read[name] ?? 0) + (current[name] ?? 0)]),
    );
  }
}

const openFile = ({ engine }: TcpcopyOptions, { file }: ReplayOptions): Promise<CaptureFile> =>
  CaptureFile.open(
    file,
    engine.transfers.map(({ onlineAddress, onlinePort }) => ({ address: onlineAddress, port: onlinePort })),
  );
