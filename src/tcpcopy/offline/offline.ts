/** Captures -> copier, to their end: then the copies come to rest, and the account is given. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureError } from '../../capture/devices';
import { CaptureFiles } from '../../capture/file/capture-files';
import { Replay } from '../../capture/file/replay';
import type { CapturedEndpoint } from '../../capture/filter';
import type { Log } from '../../process/log';
import type { Readings } from '../../process/readings';
import type { Running } from '../../process/run';
import type { Standing } from '../../process/service-manager';
import type { DropReason } from '../../session/tables/counters';
import { formatEndpoint } from '../../wire/flow';
import { isOfShare } from '../../wire/tables/share';
import { SYN } from '../../wire/tcp';
import type { SegmentView } from '../../wire/segment';
import type { Shared } from '../../workers/shared';
import type { Account } from './account';
import { Brake } from './brake';
import { Copier } from '../copying/copier';
import { whyNothing, type NothingPlayed } from './nothing-played';
import type { WorkerReport } from './joint-account';
import { tellAccount } from './tell-account';
import { OnlineTimes } from './online-times';
import { RESPONSE_DEFAULT_S } from '../options/specs';
import type { TcpcopyOptions } from '../options/options';
import { showProgress } from './progress-line';
import type { ReplaySource } from '../options/replay';
import { sumOf } from '../copying/sum-of';

const LOOK_EVERY_MS = 20;
/** Copies that do not move for so much longer than they may wait for an answer (`-t`) are given up. */
const REST_MORE_MS = 10_000;
/** A silence that is waited for so long is worth a line in the log. */
const SILENCE_TOLD_MS = 60_000;

export class Offline implements Running<TcpcopyOptions> {
  /** Exit status; resolves when everything is replayed, or was stopped. */
  readonly ended: Promise<number>;
  readonly #copier: Copier;
  readonly #brake: Brake;
  readonly #stopped = new AbortController();
  readonly #unused: Partial<Record<DropReason, number>> = {};
  /** Of the rounds before this one. */
  readonly #read: Record<string, number> = {};
  readonly #startedAt_ms = performance.now();
  readonly #restMax_ms: number;
  #captured_ms = 0;
  #clockJumps = 0;

  private constructor(
    private readonly options: TcpcopyOptions,
    private readonly replay: ReplaySource,
    private capture: CaptureFiles,
    /** By the capture's own time, of the first round: it is the same in all of them. */
    private readonly online: OnlineTimes,
    private readonly log: Log,
    /** Of several workers, which all read the same, and play their connections each. */
    private readonly shared: Shared | undefined,
  ) {
    this.#brake = new Brake(options.engine.memory_bytes);
    this.#copier = new Copier(options, log, shared);
    this.#restMax_ms = (options.engine.response_ms ?? RESPONSE_DEFAULT_S * 1000) + REST_MORE_MS;
    const { files, speed, times } = replay;
    log.info('replaying', { files, bytes: capture.size_bytes, speed, times });
    this.ended = this.#run();
    // Whoever asks for it hears of it; nobody else has to.
    this.ended.catch(() => undefined);
  }

  /** @throws CaptureError when a file cannot be read, or is no capture */
  static async start(
    options: TcpcopyOptions,
    replay: ReplaySource,
    log: Log,
    shared?: Shared,
  ): Promise<Offline> {
    const online = new OnlineTimes(options.engine.transfers);
    const bothWays = {
      client: (view: SegmentView, timestamp: number) => online.client(view, timestamp * 1000),
      server: (view: SegmentView, timestamp: number) => online.server(view, timestamp * 1000),
    };
    const capture = await CaptureFiles.open(
      replay.files,
      endpointsOf(options),
      isFirst(shared) ? bothWays : undefined,
    );
    if (replay.times > 1 && capture.size_bytes === undefined) {
      await capture.close();
      throw new CaptureError(`-T needs a file: ${replay.files.join(', ')} can be read once only`);
    }
    return new Offline(options, replay, capture, online, log, shared);
  }

  readings(): Readings {
    const copied = this.#copier.readings(isFirst(this.shared) ? this.#counters() : {});
    const online = this.online.readings();
    return {
      ...copied,
      counters: { ...copied.counters, ...online.counters },
      histograms: [...(copied.histograms ?? []), ...online.histograms],
      told: [...(copied.told ?? []), ...online.told],
    };
  }

  reload(options: TcpcopyOptions): () => void {
    return this.#copier.reload(options);
  }

  standing(): Standing {
    return { ready: true, status: 'replaying' };
  }

  readiness(): Standing {
    return this.#copier.readiness;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.ended.catch(() => undefined);
    await this.#copier.stop();
  }

  async #run(): Promise<number> {
    const hide = showProgress(() => ({
      packets: this.#counters()['packets'] ?? 0,
      share: this.capture.share,
      ...this.#copier.state,
    }));
    const { signal } = this.#stopped;
    const { share } = this.options.engine;
    let replayed: Replay | undefined;
    try {
      for (let round = 0; round < this.replay.times && !signal.aborted; round += 1) {
        if (round > 0) await this.#rewind();
        replayed = new Replay(this.capture, this.replay, round, {
          ready: () => this.#brake.released(this.#copier.state, performance.now()),
          play: (view) => this.#play(view),
          ...(share && { isPlayed: ({ source, sourcePort }) => isOfShare(share, source, sourcePort) }),
          clockJumped: (by_ms) => this.#tellJump(by_ms),
          silent: (wait_ms) => this.#tellSilence(wait_ms),
        });
        await replayed.run(signal);
        this.#captured_ms += replayed.captured_ms;
        if (round === 0) this.online.end();
        this.#copier.clientsGone();
        await this.#rest(signal);
      }
    } finally {
      hide();
      await this.capture.close();
    }
    return this.#tell(replayed, !signal.aborted);
  }

  /** Counts what is lost of what clients said; acknowledgments that are of no use are none of that. */
  #play(view: SegmentView): void {
    const { payloadLength, flags } = view;
    const reason = this.#copier.captured(view);
    if (reason && (payloadLength > 0 || flags & SYN)) this.#unused[reason] = (this.#unused[reason] ?? 0) + 1;
  }

  #tellJump(by_ms: number): void {
    this.#clockJumps += 1;
    if (this.#clockJumps > 1) return;
    this.log.warning('clock jump', {
      by_s: Math.round(by_ms / 1000),
      next: 'nothing: a packet was stamped so far ahead of those behind it, and is played with the one before it; others are counted at the end',
    });
  }

  #tellSilence(wait_ms: number): void {
    if (wait_ms < SILENCE_TOLD_MS) return;
    const wait_s = Math.round(wait_ms / 1000);
    this.log.info('silence', {
      wait_s,
      next: 'shorten silences of the capture with -I, if they need not be played',
    });
  }

  async #rewind(): Promise<void> {
    Object.assign(this.#read, this.#counters());
    await this.capture.close();
    this.capture = await CaptureFiles.open(this.replay.files, endpointsOf(this.options));
    this.#copier.beginAnew();
  }

  async #rest(signal: AbortSignal): Promise<void> {
    let movedAt_ms = performance.now();
    let progress = -1;
    while (!signal.aborted && this.#copier.state.sessions > 0) {
      const now_ms = performance.now();
      if (this.#copier.state.progress !== progress) movedAt_ms = now_ms;
      progress = this.#copier.state.progress;
      if (now_ms - movedAt_ms > this.#restMax_ms) break;
      await sleep(LOOK_EVERY_MS);
    }
    this.#copier.endAll();
  }

  #tell(replayed: Replay | undefined, isWhole: boolean): number {
    const half = replayed?.lateness.within_ms(0.5);
    const most = replayed?.lateness.within_ms(0.99);
    const { encapsulations, unsupported } = this.capture.findings;
    const account: Account = {
      files: this.replay.files,
      duration_ms: performance.now() - this.#startedAt_ms,
      captured_ms: this.#captured_ms,
      isWhole,
      read: this.#counters(),
      damages: this.capture.damages,
      overlapping: this.capture.overlapping,
      encapsulations,
      unsupported,
      clockJumps: this.#clockJumps,
      nothing: isWhole ? this.#nothing() : undefined,
      unused: this.#unused,
      counters: this.#copier.counters,
      times: this.#copier.times.readings(),
      online: this.online.all(),
      clockError_ms: this.#copier.clockError_ms,
      lateness_ms: half === undefined || most === undefined ? undefined : { half, most },
    };
    if (!this.shared) return tellAccount(account, this.log);
    const report: WorkerReport = { account, times: this.#copier.times.parts };
    this.shared.report(report);
    return 0;
  }

  /** What a user left out by options, or what was refused by name, is another matter. */
  #nothing(): NothingPlayed | undefined {
    const { counters } = this.#copier;
    const isRefused = Object.entries(counters).some(
      ([name, count]) => count > 0 && (name.startsWith('copies_refused_') || EXPLAINED.has(name)),
    );
    if ((counters['sessions_started'] ?? 0) > 0 || isRefused) return undefined;
    const { packets = 0, segments = 0 } = this.#counters();
    const { findings } = this.capture;
    const { testAddress, testPort } = this.options.engine.transfers[0]!;
    const test = formatEndpoint(testAddress, testPort);
    return whyNothing({ endpoints: endpointsOf(this.options), findings, packets, segments, test });
  }

  /** Of all rounds. */
  #counters(): Record<string, number> {
    return sumOf(this.#read, this.capture.counters);
  }
}

const EXPLAINED: ReadonlySet<string> = new Set([
  'segments_dropped_not-selected',
  'segments_dropped_not-armed',
]);

/** Of workers that read the same, one counts it. */
const isFirst = (shared: Shared | undefined): boolean => (shared?.index ?? 0) === 0;

const endpointsOf = ({ engine }: TcpcopyOptions): CapturedEndpoint[] =>
  engine.transfers.map(({ onlineAddress, onlinePort }) => ({ address: onlineAddress, port: onlinePort }));
