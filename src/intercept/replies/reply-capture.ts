/**
 * At the data link: the test server routes its responses to this machine, which captures them and lets nothing on.
 * There is nothing to drop; that nothing is let on is what has to be watched, and that responses come here at all.
 */
import { openCapture } from '../../capture/open';
import { packetsForOthers, type CaptureWishes } from '../../capture/request';
import { Canaries, DISCARD_PORT, provokingCanary, type Nobody } from '../../guard/canaries';
import type { Backend } from '../../kernel/backend';
import { forwardingSettings } from '../../kernel/forwarding';
import type { Log } from '../../process/log';
import { familyOf, formatAddress, type Address, type Family } from '../../wire/address/address';
import { formatEndpoint, type Endpoint } from '../../wire/flow';
import type { SegmentView } from '../../wire/segment';
import { ALONE, workerOf, type Share } from '../../wire/tables/share';
import { emptyReplyView } from '../../wire/reply';
import { RST } from '../../wire/tcp';
import type { OwnAddresses } from './own-addresses';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';
import {
  fillReply,
  saysSomething,
  type CapturedReplyEvents,
  type Proof,
  type ReplyEvents,
  type ReplySource,
} from './reply-source';

/** From the assistant to the test server, and back. */
const PATIENCE_MS = 50;
const LOOK_EVERY_MS = 50;

/**
 * @param nobody addresses that canaries are sent from; where a family has none the way of its responses is not proven
 * @param share of a worker
 */
export function openReplyCapture(
  backend: Backend,
  wishes: CaptureWishes,
  nobody: Nobody,
  own: OwnAddresses,
  events: CapturedReplyEvents,
  log: Log,
  share: Share = ALONE,
): ReplySource {
  const lost = new Map<string, string>();
  const counters = { responses: 0 };
  const reply = emptyReplyView();
  const proof = new LinkProof(nobody, share, lost, own, events, backend);
  const capture = openCapture(backend, packetsForOthers(wishes, share.count > 1 ? share : undefined), {
    segment: (view, at_ms) => {
      if (view.destination === nobody[familyOf(view.destination)]) {
        proof.caught(view);
        return;
      }
      counters.responses += 1;
      if (events.replied(fillReply(reply, view, at_ms)) && saysSomething(view)) events.response(view, at_ms);
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
  if (Object.keys(nobody).length === 0)
    log.warning('way of the responses not proven', {
      reason: 'without --canary it cannot be seen whether the test server routes its responses here',
      next: "give --canary an address of the clients' range that nobody has",
    });
  return {
    description: capture.description,
    get counters() {
      const captured = Object.entries(capture.counters).map(([name, count]) => [`capture_${name}`, count]);
      return {
        ...counters,
        ...proof.counters,
        ...(Object.fromEntries(captured) as Record<string, number>),
      };
    },
    prove: (copied, now_ms) => proof.prove(copied, now_ms),
    connections: () => undefined,
    close() {
      proof.close();
      capture.close();
    },
  };
}

class LinkProof {
  readonly #canaries = new Canaries(PATIENCE_MS, randomWord);
  readonly #sender: PacketSender;
  readonly #letOnBy: Record<Family, { lookedAt_ms: number; reason: string | undefined }> = {
    4: { lookedAt_ms: -Infinity, reason: undefined },
    6: { lookedAt_ms: -Infinity, reason: undefined },
  };

  constructor(
    private readonly nobody: Nobody,
    private readonly share: Share,
    private readonly lost: ReadonlyMap<string, string>,
    private readonly own: OwnAddresses,
    private readonly events: ReplyEvents,
    backend: Backend,
  ) {
    this.#sender = new PacketSender(backend);
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#canaries.counters };
  }

  caught({ source, sourcePort, flags, sequence }: SegmentView): void {
    if (!(flags & RST) || !this.#canaries.caught(source, sourcePort, sequence)) return;
    const copied = { address: source, port: sourcePort };
    this.events.proven(copied, this.#canaries.provenAt_ms(copied));
  }

  prove(copied: Endpoint, now_ms: number): Proof {
    for (const [device, reason] of this.lost)
      return { unproven: `${device} cannot be captured on: ${reason}` };
    if (this.own.deviceOf(copied.address) !== undefined)
      return {
        unproven: `the copied address ${formatAddress(copied.address)} is this machine's own, and capturing drops nothing: on the test server itself run intercept without -i and -F`,
      };
    const unproven = this.#letOn(familyOf(copied.address), now_ms);
    return unproven === undefined ? this.#seen(copied, now_ms) : { unproven };
  }

  close(): void {
    this.#sender.close();
  }

  #letOn(family: Family, now_ms: number): string | undefined {
    const known = this.#letOnBy[family];
    if (now_ms - known.lookedAt_ms >= LOOK_EVERY_MS) {
      known.lookedAt_ms = now_ms;
      known.reason = whatIsLetOn(family);
    }
    return known.reason;
  }

  #seen(copied: Endpoint, now_ms: number): Proof {
    const nobody = this.nobody[familyOf(copied.address)];
    if (nobody === undefined) return { provenAt_ms: now_ms };
    const isRested = this.#canaries.isRested(copied, now_ms);
    const isProven = this.#canaries.isProven(copied, now_ms);
    const from = { address: nobody, port: portOf(this.share, nobody) };
    const canary = provokingCanary(copied, from, this.#canaries.launch(copied, now_ms));
    const refusal = this.#sender.send(canary, copied.address);
    if (isProven) return { provenAt_ms: this.#canaries.provenAt_ms(copied) };
    if (isRested) return 'pending';
    const way = `${formatEndpoint(copied.address, copied.port)} to ${formatAddress(nobody)}`;
    return {
      unproven:
        refusal === undefined
          ? `no answer of ${way} comes in here: on the test server a route must lead the clients' range here (see ip route get ${formatAddress(nobody)}), and -i and -F here must let it in`
          : `nothing can be sent from here for an answer of ${way} (${refusal}): see ip route get ${formatAddress(copied.address)}, and iptables -S OUTPUT`,
    };
  }
}

/** Such that the answer is this worker's. */
function portOf({ index, count }: Share, nobody: Address): number {
  let port = DISCARD_PORT;
  while (workerOf(nobody, port, count) !== index) port += 1;
  return port;
}

function whatIsLetOn(family: Family): string | undefined {
  try {
    const settings = forwardingSettings(family);
    if (settings.length === 0) return undefined;
    return `this machine lets packets on, so that responses would reach clients (not 0: ${settings.join(', ')}); there: sysctl -w ${settings[0]!}=0`;
  } catch (error) {
    return `it cannot be told whether packets are let on: ${(error as Error).message}`;
  }
}
