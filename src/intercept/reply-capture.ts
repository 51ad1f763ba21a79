/**
 * At the data link: the test server routes its responses to this machine, which captures them and lets nothing on.
 * There is nothing to drop; that nothing is let on is what has to be watched.
 */
import { openCapture } from '../capture/open';
import { incomingPackets, type CaptureWishes } from '../capture/request';
import type { Guard } from '../control/server';
import type { Backend } from '../kernel/backend';
import { forwardingSettings } from '../kernel/forwarding';
import { localAddresses } from '../kernel/local-addresses';
import type { Log } from '../process/log';
import { ARMED, replyFrom, type ReplyListener, type ReplySource } from './reply-source';

export function openReplyCapture(
  backend: Backend,
  wishes: CaptureWishes,
  listener: ReplyListener,
  log: Log,
): ReplySource {
  const local = localAddresses();
  const own = new Set(local.map(({ address }) => address));
  const lost = new Map<string, string>();
  const counters = { responses: 0 };
  const capture = openCapture(backend, incomingPackets(wishes, local), {
    segment: (view) => {
      // What is addressed to this machine is its own traffic, the control channel's for example.
      if (own.has(view.destination)) return;
      counters.responses += 1;
      listener(replyFrom(view));
    },
    lost: (device, reason) => {
      lost.set(device, reason);
      log.warning('capture lost', { device, reason, next: `bring ${device} up again (see ip link)` });
    },
    found: (device) => {
      lost.delete(device);
      log.info('capturing again', { device });
    },
  });
  return {
    description: capture.description,
    get counters() {
      const captured = Object.entries(capture.counters).map(([name, count]) => [`capture_${name}`, count]);
      return { ...counters, ...(Object.fromEntries(captured) as Record<string, number>) };
    },
    guard: () => guardBy(lost),
    close: () => capture.close(),
  };
}

function guardBy(lost: ReadonlyMap<string, string>): Guard {
  for (const [device, reason] of lost)
    return { armed: false, reason: `${device} cannot be captured on: ${reason}` };
  try {
    const settings = forwardingSettings();
    if (settings.length === 0) return ARMED;
    const are = settings.join(', ');
    return {
      armed: false,
      reason: `this machine lets packets on, so that responses would reach clients (not 0: ${are}); there: sysctl -w net.ipv4.ip_forward=0`,
    };
  } catch (error) {
    return {
      armed: false,
      reason: `it cannot be told whether packets are let on: ${(error as Error).message}`,
    };
  }
}
