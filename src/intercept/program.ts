/** Source of replies -> router -> control channel, under a guard that is proven again and again. */
import { ControlServer, type Peer, type ServerEvents } from '../control/server';
import { localAddresses } from '../kernel/local-addresses';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Program, Running } from '../process/run';
import type { Router } from '../routing/router';
import { formatAddress } from '../wire/flow';
import type { Route } from '../wire/reply';
import { endUnderGuard } from './ending';
import { GuardRounds } from './guard-rounds';
import { parseInterceptOptions, type InterceptOptions } from './options';
import { Orphans } from './orphans';
import { openReplyCapture } from './reply-capture';
import { openReplyQueue } from './reply-queue';
import type { ReplyEvents, ReplySource } from './reply-source';

export const interceptProgram: Program<InterceptOptions> = {
  name: 'intercept',
  parse: parseInterceptOptions,
  start,
};

async function start(options: InterceptOptions, log: Log): Promise<Running> {
  const own = new Set(localAddresses().map(({ address }) => address));
  const passlist = new Set([...options.passlist, ...own]);
  if (options.canary !== undefined && passlist.has(options.canary))
    throw new Error(
      `--canary ${formatAddress(options.canary)} is ${own.has(options.canary) ? "this machine's own" : 'on the passlist'}: it must be an address that nobody has`,
    );
  const orphans = new Orphans(options.io);
  const peers = new Set<Peer>();
  const events: ServerEvents = {
    connected: (peer) => {
      log.info('tcpcopy connected', { peer: peer.name });
      peers.add(peer);
      orphans.joined(peer);
      rounds.join(peer);
    },
    registered: (peer, routes) => register(orphans.router, peer, routes),
    unregistered: (peer, routes) => routes.forEach((route) => orphans.router.unregister(peer, route)),
    asked: () => rounds.ask(),
    abandoned: (peer, routes) => orphans.abandoned(peer, routes),
    disconnected: (peer, reason) => {
      log.info('tcpcopy disconnected', { peer: peer.name, reason });
      peers.delete(peer);
      rounds.leave(peer);
      orphans.departed(peer, (routes) => {
        if (routes > 0)
          log.info('tcpcopy did not come back', { peer: peer.name, connections_to_bury: routes });
      });
    },
    refused: (name, reason) =>
      log.warning('connection refused', {
        peer: name,
        reason,
        next: `only tcpcopy of the same release may connect to port ${options.controlPort}`,
      }),
  };
  const server = new ControlServer(events, [...passlist]);
  const replies: ReplyEvents = {
    replied: (reply) => {
      const now_ms = performance.now();
      if (!orphans.replied(reply, now_ms)) orphans.router.route(reply, now_ms)?.sendReply(reply);
    },
    proven: (copied) => rounds.proven(copied),
  };
  const source = openSource(options, passlist, replies, log);
  const rounds = new GuardRounds(
    source,
    () => orphans.endpoints(),
    (now_ms) => orphans.tick(now_ms, (copied) => rounds.isProven(copied)),
    log,
  );
  await listen(server, options);
  rounds.start();
  log.info('listening', {
    control: `${options.bindAddress ?? '*'}:${server.port}`,
    caught: source.description,
  });
  return {
    readings: (): Readings => {
      const { routes, ...routed } = orphans.router.counters;
      return {
        counters: { ...source.counters, ...routed, ...orphans.counters },
        gauges: { routes, orphans: orphans.size, armed: rounds.armed ? 1 : 0 },
      };
    },
    stop: async () => {
      await endUnderGuard({ rounds, orphans, peers, source, log });
      rounds.stop();
      await server.close();
      orphans.close();
      source.close();
    },
  };
}

function openSource(
  { io, caught, canary }: InterceptOptions,
  passlist: ReadonlySet<number>,
  events: ReplyEvents,
  log: Log,
): ReplySource {
  return caught.by === 'queue'
    ? openReplyQueue(io, caught, passlist, canary, events, log)
    : openReplyCapture(io, caught, canary, events, log);
}

function register(router: Router<Peer>, peer: Peer, routes: readonly Route[]): void {
  const refused: Route[] = [];
  for (const route of routes) {
    const waited = router.register(peer, route);
    if (!waited) refused.push(route);
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
