/** Queue -> passlist, or reply -> router -> control channel -> drop. */
import { ControlServer, type Peer, type ServerEvents } from '../control/server';
import { localAddresses } from '../kernel/local-addresses';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Program, Running } from '../process/run';
import { Router } from '../routing/router';
import type { Judge } from '../verdict/queue';
import { openNfqueue } from '../verdict/nfqueue';
import type { Reply, Route } from '../wire/reply';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../wire/segment';
import { SYN } from '../wire/tcp';
import { readSynOptions } from '../wire/tcp-options';
import { checkIpv4, ipv4Destination } from '../wire/ipv4';
import { parseInterceptOptions, type InterceptOptions } from './options';

const EXPIRE_EVERY_MS = 500;

export const interceptProgram: Program<InterceptOptions> = {
  name: 'intercept',
  parse: parseInterceptOptions,
  start,
};

async function start(options: InterceptOptions, log: Log): Promise<Running> {
  const router = new Router<Peer>();
  const passlist = new Set([...options.passlist, ...localAddresses().map(({ address }) => address)]);
  const events: ServerEvents = {
    connected: (peer) => log.info('tcpcopy connected', { peer: peer.name }),
    registered: (peer, routes) => {
      const refused: Route[] = [];
      for (const route of routes) {
        const waited = router.register(peer, route);
        if (!waited) refused.push(route);
        else if (waited.length > 0) peer.sendReplies(waited);
      }
      if (refused.length > 0) peer.refuseRoutes(refused);
    },
    unregistered: (peer, routes) => routes.forEach((route) => router.unregister(peer, route)),
    disconnected: (peer, reason) => {
      const routes = router.forget(peer);
      log.info('tcpcopy disconnected', { peer: peer.name, reason, routes_forgotten: routes });
    },
    refused: (name, reason) =>
      log.warning('connection refused', {
        peer: name,
        reason,
        next: `only tcpcopy of the same release may connect to port ${options.controlPort}`,
      }),
  };
  const server = new ControlServer(events, [...passlist]);
  await listen(server, options);

  const faults: Partial<Record<SegmentFault, number>> = {};
  const queue = openNfqueue(options.queueNumber, judgeResponses(passlist, router, faults));
  if (options.queueLength !== undefined && !queue.lengthIsSet) {
    log.warning('queue length not set', {
      asked: options.queueLength,
      next: `the ${queue.description} leaves the kernel's length of 1024 packets`,
    });
  }
  server.setGuard({ armed: true, reason: '' });
  const expiry = setInterval(() => router.expire(performance.now()), EXPIRE_EVERY_MS);
  log.info('listening', {
    control: `${options.bindAddress ?? '*'}:${server.port}`,
    queue: queue.description,
  });
  return {
    readings: (): Readings => {
      const { routes, ...routed } = router.counters;
      const rejected = Object.entries(faults).map(([fault, count]) => [`responses_rejected_${fault}`, count]);
      return {
        counters: {
          ...queue.counters,
          ...routed,
          ...(Object.fromEntries(rejected) as Record<string, number>),
        },
        gauges: { routes },
      };
    },
    stop: async () => {
      clearInterval(expiry);
      await server.close();
    },
  };
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

const LOOPBACK_FIRST_BYTE = 127;

/**
 * Everything that is not on the passlist is dropped, whether it is understood or not. What is addressed to this machine
 * itself never leaves it: its own programs may use the server as always.
 *
 * @param passlist addresses in host order, this machine's own among them
 */
function judgeResponses(
  passlist: ReadonlySet<number>,
  router: Router<Peer>,
  faults: Partial<Record<SegmentFault, number>>,
): Judge {
  const view = emptySegmentView();
  return (packet) => {
    if (checkIpv4(packet, 0, packet.length) === undefined) {
      const destination = ipv4Destination(packet, 0);
      if (passlist.has(destination) || destination >>> 24 === LOOPBACK_FIRST_BYTE) return 'accept';
    }
    const fault = viewSegment(view, packet, 0, packet.length, 'headers');
    if (fault) {
      faults[fault] = (faults[fault] ?? 0) + 1;
      return 'drop';
    }
    const reply = toReply(view);
    router.route(reply, performance.now())?.sendReplies([reply]);
    return 'drop';
  };
}

/** The response as it is told to tcpcopy; `view` is addressed from the test server to the client. */
function toReply(view: SegmentView): Reply {
  const options = view.flags & SYN ? readSynOptions(view.bytes, view.tcpOffset) : undefined;
  return {
    clientAddress: view.destination,
    clientPort: view.destinationPort,
    serverAddress: view.source,
    serverPort: view.sourcePort,
    sequence: view.sequence,
    acknowledgment: view.acknowledgment,
    flags: view.flags,
    window: view.window,
    payloadLength: view.payloadLength,
    maximumSegmentSize: options?.maximumSegmentSize,
    windowScale: options?.windowScale,
  };
}
