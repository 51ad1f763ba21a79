/** Source of replies -> router -> control channel. */
import { ControlServer, type Peer, type ServerEvents } from '../control/server';
import { localAddresses } from '../kernel/local-addresses';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Program, Running } from '../process/run';
import { Router } from '../routing/router';
import type { Route } from '../wire/reply';
import { parseInterceptOptions, type InterceptOptions } from './options';
import { openReplyCapture } from './reply-capture';
import { openReplyQueue } from './reply-queue';
import type { ReplyListener } from './reply-source';

const EXPIRE_EVERY_MS = 500;
const GUARD_EVERY_MS = 1000;

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

  const listener: ReplyListener = (reply) => router.route(reply, performance.now())?.sendReplies([reply]);
  const { caught } = options;
  const source =
    caught.by === 'queue'
      ? openReplyQueue(options.io, caught, passlist, listener, log)
      : openReplyCapture(options.io, caught, listener, log);
  let told = '';
  const attendGuard = (): void => {
    const guard = source.guard();
    server.setGuard(guard);
    if (guard.reason !== told) {
      if (guard.armed) log.info('armed');
      else {
        const next = 'tcpcopy sends nothing until this is mended, and goes on by itself then';
        log.warning('not armed', { reason: guard.reason, next });
      }
    }
    told = guard.reason;
  };
  attendGuard();
  const guarding = setInterval(attendGuard, GUARD_EVERY_MS);
  const expiry = setInterval(() => router.expire(performance.now()), EXPIRE_EVERY_MS);
  log.info('listening', {
    control: `${options.bindAddress ?? '*'}:${server.port}`,
    caught: source.description,
  });
  return {
    readings: (): Readings => {
      const { routes, ...routed } = router.counters;
      return {
        counters: { ...source.counters, ...routed },
        gauges: { routes, armed: source.guard().armed ? 1 : 0 },
      };
    },
    stop: async () => {
      clearInterval(expiry);
      clearInterval(guarding);
      await server.close();
      source.close();
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
