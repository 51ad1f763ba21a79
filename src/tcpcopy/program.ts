/** Capture -> copier, for as long as the program runs; or a capture file, to its end. */
import { existsSync, statSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { CaptureScope } from '../capture/devices';
import { filesMatching } from '../capture/file/glob';
import { openBothWays, type BothWaysCapture } from '../capture/both-ways';
import { openCapture } from '../capture/open';
import { clientPackets } from '../capture/request';
import type { CaptureSource } from '../capture/source';
import { openTurns } from '../kernel/backend';
import { localAddresses, smallestMtu_bytes } from '../kernel/netlink/local-addresses';
import type { Turns } from '../kernel/turns';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Running } from '../process/run';
import type { Standing } from '../process/service-manager';
import type { Address } from '../wire/address/address';
import type { Endpoint } from '../wire/flow';
import { SHARES } from '../wire/tables/sample';
import { Relief } from '../overload/relief';
import type { Shared, SharedProgram } from '../workers/shared';
import { Workers } from '../workers/workers';
import { AddressLog } from './address-log';
import { Copier } from './copying/copier';
import type { LiveSource } from './options/live';
import { OnlineTimes } from './offline/online-times';
import { optionsOf } from './share';
import { parseTcpcopyOptions, type TcpcopyOptions } from './options/options';

export const tcpcopyProgram: SharedProgram<TcpcopyOptions> = {
  name: 'tcpcopy',
  parse: (argv) =>
    parseTcpcopyOptions(argv, {
      addresses: localAddresses(),
      smallestMtu_bytes: smallestMtu_bytes(),
      exists: existsSync,
      matching: filesMatching,
    }),
  changeable: ['percentage', 'multiply', 'coalesce'],
  start: (options, log) => (options.workers > 1 ? startWorkers(options, log) : startPart(options, log)),
  startShare: (options, log, shared) => startPart(optionsOf(options, shared), log, shared),
};

/** @param shared undefined for all of it */
async function startPart(
  options: TcpcopyOptions,
  log: Log,
  shared?: Shared,
): Promise<Running<TcpcopyOptions>> {
  const { source } = options;
  if (source.kind === 'live') return new Tcpcopy(options, source, log, shared);
  // What unpacks and reads captures is not loaded by who copies live.
  const { Offline } = await import('./offline/offline');
  return Offline.start(options, source, log, shared);
}

async function startWorkers(
  { workers: count, source }: TcpcopyOptions,
  log: Log,
): Promise<Running<TcpcopyOptions>> {
  const plan = { program: tcpcopyProgram.name, count };
  log.info('workers', { count });
  if (source.kind === 'live') return Workers.start(plan, log);
  // Before a worker waits for whoever writes into a pipe.
  const once = source.files.find((file) => !statSync(file).isFile());
  if (once !== undefined)
    throw new Error(
      `--workers has each worker read the capture, and ${once} is no file: it can be read once only`,
    );
  const { concludeReports } = await import('./offline/joint-account');
  return Workers.start({ ...plan, conclude: (reports) => concludeReports(reports, log) }, log);
}

/** What is captured live. */
export const scopeOf = (
  { engine: { transfers, loopbackAddress } }: TcpcopyOptions,
  { mirrored }: LiveSource,
): CaptureScope => ({
  endpoints: transfers.map(({ onlineAddress, onlinePort }) => ({ address: onlineAddress, port: onlinePort })),
  mirrored,
  loopback: loopbackAddress !== undefined,
});

const testServersOf = ({ engine: { transfers } }: TcpcopyOptions): Endpoint[] =>
  transfers.map(({ testAddress, testPort }) => ({ address: testAddress, port: testPort }));

const percentageOf = ({ engine: { percentage = 100 } }: TcpcopyOptions): number => percentage;

class Tcpcopy implements Running<TcpcopyOptions> {
  /** Those of capture, control channel and copier, too. */
  readonly #turns: Turns;
  readonly #copier: Copier;
  readonly #capture: CaptureSource;
  /** Where it is known how much of what was captured waits. */
  readonly #relief: Relief | undefined;
  readonly #online: OnlineTimes;
  /** Where the online server's own packets are captured. */
  readonly #responses: BothWaysCapture | undefined;
  /** Where answers are compared. */
  readonly #compared: BothWaysCapture | undefined;

  constructor(options: TcpcopyOptions, source: LiveSource, log: Log, shared?: Shared) {
    const { share } = options.engine;
    // The servers of this machine have users; the copy can wait for a moment. Nobody's own `nice` is taken back.
    setPriority(Math.max(getPriority(), source.nice));
    this.#turns = openTurns(source.io);
    this.#turns.coalesce(source.coalescing);
    const copier = new Copier(options, log, shared);
    this.#copier = copier;
    /** Of what is not copied nobody asks how it was answered. */
    const isChosen = (clientAddress: Address, clientPort: number): boolean =>
      copier.admission.stateOf(clientAddress, clientPort) !== 'not-chosen';
    const scope = scopeOf(options, source);
    // Those of other machines are not waited for.
    const addressLog = new AddressLog(
      scope.mirrored ? [] : scope.endpoints.map(({ address }) => address),
      log,
    );
    const online = new OnlineTimes(options.engine.transfers, isChosen);
    this.#online = online;
    this.#capture = openCapture(source.io, clientPackets(scope, source.capture, share), {
      segment: source.responses
        ? (view) => void copier.captured(view)
        : (view, at_ms) => {
            copier.captured(view);
            online.client(view, at_ms);
          },
      turned: () => this.#relief?.attend(),
      lost: (device, reason) =>
        log.warning('capture lost', {
          device,
          reason,
          next: `bring ${device} up again (see ip link); it is captured on as soon as it is there`,
        }),
      found: (device) => log.info('capturing again', { device }),
      changed: (came, gone) => addressLog.tell(this.#capture.addresses, came, gone),
    });
    log.info('capturing', { on: this.#capture.description });
    this.#responses = source.responses
      ? openBothWays(
          scope,
          testServersOf(options),
          (address) => this.#capture.addresses.has(address),
          {
            client: (view, at_ms) => online.client(view, at_ms),
            server: (view, at_ms) => online.server(view, at_ms),
            copy: (view, at_ms) => copier.seenLeaving(view, at_ms),
          },
          'headers',
          SHARES,
          share,
        )
      : undefined;
    const { comparing } = copier;
    this.#compared =
      comparing &&
      openBothWays(
        scope,
        [],
        (address) => this.#capture.addresses.has(address),
        {
          client: (view, at_ms) => {
            if (!isChosen(view.source, view.sourcePort)) return;
            comparing.client(view, at_ms, copier.admission.admits(view.source, view.sourcePort));
          },
          server: (view, at_ms) => comparing.server(view, at_ms),
        },
        'whole',
        source.compared,
        share,
      );
    const { queue } = this.#capture;
    this.#relief = queue && new Relief(queue, copier, source.overload, percentageOf(options), log);
    addressLog.tell(this.#capture.addresses);
  }

  readings(): Readings {
    const copied = this.#copier.readings(this.#capture.counters);
    const relief = this.#relief?.readings();
    const online = this.#online.readings();
    return {
      ...copied,
      counters: {
        ...copied.counters,
        ...relief?.counters,
        ...online.counters,
        ...this.#responses?.counters,
        ...this.#compared?.counters,
        ...this.#turns.counters,
      },
      histograms: [...(copied.histograms ?? []), ...online.histograms],
      told: [...(copied.told ?? []), ...online.told],
      gauges: { ...copied.gauges, ...relief?.gauges },
    };
  }

  reload(options: TcpcopyOptions): () => void {
    const takeOver = this.#copier.reload(options);
    return () => {
      if (options.source.kind === 'live') this.#turns.coalesce(options.source.coalescing);
      takeOver();
      this.#relief?.want(percentageOf(options));
    };
  }

  standing(): Standing {
    const { armed } = this.#copier.state;
    return { ready: armed, status: armed ? 'copying' : 'not copying: the guard of intercept is not proven' };
  }

  readiness(): Standing {
    return this.#copier.readiness;
  }

  stop(): Promise<void> {
    this.#relief?.stop();
    this.#capture.close();
    this.#responses?.close();
    this.#compared?.close();
    this.#online.end();
    return this.#copier.stop();
  }
}
