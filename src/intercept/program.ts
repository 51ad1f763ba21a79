/** Source of replies -> router -> control channel, under a guard that is proven again and again. */
import { performance } from 'node:perf_hooks';
import type { StandingGuard } from '../barrier/standing-guard';
import { readKeyFile } from '../control/key-file';
import { ControlServer, type Peer, type ServerEvents } from '../control/server';
import { openTurns } from '../kernel/backend';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Running } from '../process/run';
import { Passlist, type PasslistEntries } from '../passlist/passlist';
import { formatAddress } from '../wire/address/address';
import type { Lent, Route } from '../wire/reply';
import type { Share } from '../wire/tables/share';
import type { Shared, SharedProgram } from '../workers/shared';
import { admittanceOf } from './admittance';
import { barrierOf } from './barrier-of';
import { Comparer } from './comparer/comparer';
import { endUnderGuard } from './end-under-guard';
import { GuardRounds } from './guard-rounds';
import { optionsOf, startWorkers } from './in-workers';
import { parseInterceptOptions, type InterceptOptions } from './options';
import { Orphans, type OrphansHost } from './orphans';
import { OwnAddresses, orOwn } from './replies/own-addresses';
import { PacketSender } from './replies/packet-sender';
import { randomWord } from './replies/random';
import { openReplyCapture } from './replies/reply-capture';
import { RefusalLog } from './refusal-log';
import { openReplyQueue, type Passed } from './replies/reply-queue';
import type { CapturedReplyEvents, ReplySource } from './replies/reply-source';

export const interceptProgram: SharedProgram<InterceptOptions> = {
  name: 'intercept',
  parse: parseInterceptOptions,
  changeable: [],
  start: (options, log) => (options.workers > 1 ? startWorkers(options, log) : startPart(options, log)),
  startShare: (options, log, shared) => startPart(optionsOf(options, shared), log, shared),
};

/** @param shared undefined for all of it; else the rules are the main thread's */
async function startPart(options: InterceptOptions, log: Log, shared?: Shared): Promise<Running> {
  const own = new OwnAddresses();
  const listed = new Passlist(options.passlist, options.ownCopies);
  const passlist = orOwn(listed, own);
  for (const canary of Object.values(options.canary).filter((one) => passlist.has(one)))
    throw new Error(
      `--canary ${formatAddress(canary)} is ${own.has(canary) ? "this machine's own" : 'on the passlist'}: it must be an address that nobody has`,
    );
  const sender = new PacketSender(options.io);
  const host: OrphansHost<Peer> = {
    send: (packet, destination) => void sender.send(packet, destination),
    random: randomWord,
    gone: (peer, routes) => {
      comparer?.gone(peer);
      if (routes > 0) log.info('tcpcopy did not come back', { peer: peer.name, connections_to_bury: routes });
    },
  };
  const turns = openTurns(options.io);
  const comparer = options.compare && new Comparer(options.compare, turns, log);
  const isOneOfMany = shared !== undefined && options.caught.by === 'queue';
  const orphans = new Orphans(host, passlist, options.peerRoutes_max, isOneOfMany);
  const peers = new Set<Peer>();
  const events: ServerEvents = {
    connected: (peer) => {
      log.info('tcpcopy connected', { peer: peer.name, key: peer.key });
      peers.add(peer);
      orphans.joined(peer);
      rounds.join(peer);
    },
    registered: (peer, routes) => register(orphans, peer, routes),
    unregistered: (peer, routes) => {
      comparer?.over(peer, routes);
      for (let index = 0; index < routes.length; index += 1) orphans.unregister(peer, routes.at(index)!);
    },
    asked: (peer, number) => rounds.ask(peer, number),
    abandoned: (peer, routes) => {
      comparer?.over(peer, routes);
      orphans.abandoned(peer, routes, performance.now());
    },
    compared: (peer, routes) =>
      comparer?.compared(
        peer,
        [...routes].filter((route) => orphans.isHeldBy(peer, route)),
      ),
    comparing: comparer,
    disconnected: (peer, reason) => {
      log.info('tcpcopy disconnected', { peer: peer.name, reason });
      peers.delete(peer);
      rounds.leave(peer);
      orphans.departed(peer, performance.now());
    },
    refused: (name, reason) => refusals.tell(name, reason),
  };
  const refusals = new RefusalLog(log, options.controlPort);
  const admittance = admittanceOf(options, own, log);
  const told: PasslistEntries = {
    get addresses() {
      return [...new Set([...listed.addresses, ...own.single])];
    },
    ownCopies: listed.ownCopies,
  };
  const server = new ControlServer(
    events,
    told,
    turns,
    admittance,
    shared && { index: shared.index, count: shared.count },
  );
  const replies: CapturedReplyEvents = {
    replied: (reply) => {
      orphans.replied(reply, performance.now())?.sendReply(reply);
      return comparer?.isCompared(reply) ?? false;
    },
    response: (view, at_ms) => comparer?.response(view, at_ms),
    proven: (copied, at_ms) => rounds.proven(copied, at_ms),
  };
  const source = openSource(options, { passlist, ownCopies: listed.ownCopies, own }, replies, log, shared);
  const rounds = new GuardRounds(
    source,
    () => orphans.endpoints(),
    (now_ms, isProven) => {
      orphans.tick(now_ms, isProven);
      if (rounds.reason !== undefined) barrier?.look();
    },
    log,
  );
  const barrier = shared ? undefined : await putBarrier(options, source, log);
  try {
    await listen(server, options);
    await comparer?.start();
  } catch (error) {
    await barrier?.takeAway();
    throw error;
  }
  rounds.start();
  log.info('listening', {
    control: `${options.bindAddress ?? '*'}:${server.port}`,
    caught: source.description,
  });
  return {
    readings: (): Readings => {
      const { routes, ...counted } = orphans.counters;
      return {
        counters: {
          ...source.counters,
          ...counted,
          ...(barrier && { guard_mended: barrier.mended }),
          ...comparer?.counters,
        },
        gauges: { routes, orphans: orphans.size, armed: rounds.armed ? 1 : 0, ...comparer?.gauges },
      };
    },
    reload: () => {
      const keys = options.keyFile === undefined ? undefined : readKeyFile(options.keyFile);
      return () => {
        if (!keys) return;
        log.info('keys read', { accepted: keys.map(({ id }) => id) });
        server.useKeys(keys);
      };
    },
    // Without a tcpcopy nobody knows what there is to be proven.
    standing: () => ({ ready: true, status: rounds.state }),
    readiness: () => rounds.readiness,
    stop: async () => {
      const end = await endUnderGuard({ rounds, orphans, peers, source, log });
      shared?.report(end);
      rounds.stop();
      // Where connections stay behind it stays, too: a queue to which nobody listens drops.
      await (end === 'over' ? barrier?.takeAway() : barrier?.keep());
      await server.close();
      sender.close();
      source.close();
      await comparer?.stop();
      own.close();
    },
  };
}

/** Behind the queue, which takes what the rules lead there. */
async function putBarrier(
  options: InterceptOptions,
  source: ReplySource,
  log: Log,
): Promise<StandingGuard | undefined> {
  const barrier = barrierOf(options, log);
  try {
    await barrier?.put();
  } catch (error) {
    source.close();
    throw error;
  }
  return barrier;
}

function openSource(
  { io, caught, canary, compare }: InterceptOptions,
  passed: Passed,
  events: CapturedReplyEvents,
  log: Log,
  share?: Share,
): ReplySource {
  return caught.by === 'queue'
    ? openReplyQueue(io, { ...caught, comparedBy: compare?.queue }, passed, canary, events, log, share)
    : openReplyCapture(io, caught, canary, passed.own, events, log, share);
}

function register(orphans: Orphans<Peer>, peer: Peer, routes: Lent<Route>): void {
  const refused: Route[] = [];
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes.at(index)!;
    const waited = orphans.register(peer, route);
    if (!waited) refused.push({ ...route });
    else for (const reply of waited) peer.sendReply(reply);
  }
  if (refused.length > 0) peer.refuseRoutes(refused);
}

async function listen(server: ControlServer, options: InterceptOptions): Promise<void> {
  try {
    await server.listen(options.controlPort, options.bindAddress);
  } catch (cause) {
    const where = `${options.bindAddress ?? '*'}:${options.controlPort}`;
    const { code, message } = cause as NodeJS.ErrnoException;
    const mend =
      code === 'EADDRINUSE'
        ? 'another program listens there, perhaps another intercept: see ss -tlnp'
        : code === 'EADDRNOTAVAIL'
          ? 'this machine has no such address: see ip addr'
          : message;
    throw new Error(`cannot listen on ${where}: ${mend}`, { cause });
  }
}
