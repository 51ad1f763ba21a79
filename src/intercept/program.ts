/** Source of replies -> router -> control channel, under a guard that is proven again and again. */
import { ControlServer, type Peer, type ServerEvents } from '../control/server';
import { openTurns } from '../kernel/backend';
import { localAddresses } from '../kernel/netlink/local-addresses';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Program, Running } from '../process/run';
import { Passlist } from '../passlist/passlist';
import { formatAddress } from '../wire/address/address';
import type { Route } from '../wire/reply';
import { endUnderGuard } from './end-under-guard';
import { GuardRounds } from './guard-rounds';
import { parseInterceptOptions, type InterceptOptions } from './options';
import { Orphans, type OrphansHost } from './orphans';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';
import { openReplyCapture } from './reply-capture';
import { openReplyQueue } from './reply-queue';
import type { ReplyEvents, ReplySource } from './reply-source';

export const interceptProgram: Program<InterceptOptions> = {
  name: 'intercept',
  parse: parseInterceptOptions,
  start,
};

async function start(options: InterceptOptions, log: Log): Promise<Running> {
  const own = new Set(localAddresses().single.map(({ address }) => address));
  const passlist = new Passlist([...new Set([...options.passlist, ...own])], options.ownCopies);
  for (const canary of Object.values(options.canary).filter((one) => passlist.has(one)))
    throw new Error(
      `--canary ${formatAddress(canary)} is ${own.has(canary) ? "this machine's own" : 'on the passlist'}: it must be an address that nobody has`,
    );
  const sender = new PacketSender(options.io);
  const host: OrphansHost<Peer> = {
    send: (packet, destination) => void sender.send(packet, destination),
    random: randomWord,
    gone: (peer, routes) => {
      if (routes > 0) log.info('tcpcopy did not come back', { peer: peer.name, connections_to_bury: routes });
    },
  };
  const orphans = new Orphans(host, passlist);
  const peers = new Set<Peer>();
  const events: ServerEvents = {
    connected: (peer) => {
      log.info('tcpcopy connected', { peer: peer.name });
      peers.add(peer);
      orphans.joined(peer);
      rounds.join(peer);
    },
    registered: (peer, routes) => register(orphans, peer, routes),
    unregistered: (peer, routes) => routes.forEach((route) => orphans.unregister(peer, route)),
    asked: () => rounds.ask(),
    abandoned: (peer, routes) => orphans.abandoned(peer, routes, performance.now()),
    disconnected: (peer, reason) => {
      log.info('tcpcopy disconnected', { peer: peer.name, reason });
      peers.delete(peer);
      rounds.leave(peer);
      orphans.departed(peer, performance.now());
    },
    refused: (name, reason) =>
      log.warning('connection refused', {
        peer: name,
        reason,
        next: `only tcpcopy of the same release may connect to port ${options.controlPort}`,
      }),
  };
  const server = new ControlServer(events, passlist, openTurns(options.io));
  const replies: ReplyEvents = {
    replied: (reply) => orphans.replied(reply, performance.now())?.sendReply(reply),
    proven: (copied, at_ms) => rounds.proven(copied, at_ms),
  };
  const source = openSource(options, passlist, replies, log);
  const rounds = new GuardRounds(
    source,
    () => orphans.endpoints(),
    (now_ms, isProven) => orphans.tick(now_ms, isProven),
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
      const { routes, ...counted } = orphans.counters;
      return {
        counters: { ...source.counters, ...counted },
        gauges: { routes, orphans: orphans.size, armed: rounds.armed ? 1 : 0 },
      };
    },
    // Without a tcpcopy nobody knows what there is to be proven.
    standing: () => ({ ready: true, status: rounds.state }),
    stop: async () => {
      await endUnderGuard({ rounds, orphans, peers, source, log });
      rounds.stop();
      await server.close();
      sender.close();
      source.close();
    },
  };
}

function openSource(
  { io, caught, canary }: InterceptOptions,
  passlist: Passlist,
  events: ReplyEvents,
  log: Log,
): ReplySource {
  return caught.by === 'queue'
    ? openReplyQueue(io, caught, passlist, canary, events, log)
    : openReplyCapture(io, caught, canary, events, log);
}

function register(orphans: Orphans<Peer>, peer: Peer, routes: readonly Route[]): void {
  const refused: Route[] = [];
  for (const route of routes) {
    const waited = orphans.register(peer, route);
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
