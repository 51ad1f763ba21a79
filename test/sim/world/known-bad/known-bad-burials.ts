/** Burials that are wrong on purpose, each in one way that ours has been wrong before, or could be. */
import { Passlist, type LettingThrough } from '../../../../src/passlist/passlist';
import { Orphans, type OrphansHost } from '../../../../src/intercept/orphans';
import { readU32, writeU32 } from '../../../../src/wire/big-endian';
import type { Endpoint } from '../../../../src/wire/flow';
import type { Reply, Route } from '../../../../src/wire/reply';
import { RST, tcpFlags } from '../../../../src/wire/tcp';
import { TEST, TEST_PORT } from '../addresses';
import type { MakeOrphans, Peer } from '../intercept';

const IP = 20;

const being =
  (Bad: new (host: OrphansHost<Peer>, passlist: LettingThrough) => Orphans<Peer>): MakeOrphans =>
  (host, passlist) =>
    new Bad(host, passlist);

/** Whatever is not registered yet is an orphan. */
class TakesTheUnknownForOrphans extends Orphans<Peer> {
  override replied(reply: Reply, now_ms: number): Peer | undefined {
    this.forgetAll([], now_ms);
    return super.replied(reply, now_ms);
  }
}

class BuriesAtOnceWhoseChannelBroke extends Orphans<Peer> {
  override departed(peer: Peer, now_ms: number): void {
    super.departed(peer, now_ms - 60_000);
  }
}

class AsksWithoutProof extends Orphans<Peer> {
  override tick(now_ms: number): void {
    super.tick(now_ms, () => true);
  }
}

class AnswersWhatItReads extends Orphans<Peer> {
  override replied(reply: Reply, now_ms: number): Peer | undefined {
    const peer = super.replied(reply, now_ms);
    if (!peer) super.tick(now_ms, () => true);
    return peer;
  }
}

class WaitsForEver extends Orphans<Peer> {
  override departed(peer: Peer, now_ms: number): void {
    super.departed(peer, now_ms + 10_000_000);
  }
}

class TakesItsTime extends Orphans<Peer> {
  override departed(peer: Peer, now_ms: number): void {
    super.departed(peer, now_ms + 20_000);
  }
}

class ForgetsWhatWasAbandoned extends Orphans<Peer> {
  override abandoned(peer: Peer, routes: readonly Route[]): void {
    for (const route of routes) this.unregister(peer, route);
  }
}

class LosesCount extends Orphans<Peer> {
  override get counters() {
    const counters = super.counters;
    return { ...counters, orphans_buried: 0 };
  }
}

class EndsWithOrphansLeft extends Orphans<Peer> {
  override get size(): number {
    return 0;
  }
}

class BuriesWhereNobodyCopies extends Orphans<Peer> {
  override joined({ name, endpoints }: Peer): void {
    const elsewhere: Endpoint = { address: TEST, port: TEST_PORT + 1 };
    super.joined({ name, endpoints: [...endpoints, elsewhere] });
  }
}

const resetsWith =
  (change: number): MakeOrphans =>
  (host, passlist) =>
    new Orphans(
      {
        ...host,
        send: (packet, destination) => {
          if (tcpFlags(packet, IP) & RST) writeU32(packet, IP + 4, (readU32(packet, IP + 4) + change) >>> 0);
          host.send(packet, destination);
        },
      },
      passlist,
    );

export const KNOWN_BAD_BURIALS: Readonly<Record<string, { make: MakeOrphans; complains: RegExp }>> = {
  'takes what is not registered yet for an orphan': {
    make: being(TakesTheUnknownForOrphans),
    complains: /living copy|another tcpcopy has/,
  },
  'does not wait for a tcpcopy to come back': {
    make: being(BuriesAtOnceWhoseChannelBroke),
    complains: /living copy/,
  },
  'asks without a proof of the guard': { make: being(AsksWithoutProof), complains: /without a proof/ },
  'answers what it reads': { make: being(AnswersWhatItReads), complains: /without a proof/ },
  'waits for ever for a tcpcopy that was killed': { make: being(WaitsForEver), complains: /were left/ },
  'takes its time to bury': { make: being(TakesItsTime), complains: /in time/ },
  'forgets what was abandoned': { make: being(ForgetsWhatWasAbandoned), complains: /were left open/ },
  'resets with a number that is not expected': { make: resetsWith(1), complains: /were left open/ },
  'ends before its orphans are buried': {
    make: being(EndsWithOrphansLeft),
    complains: /copied connection was left/,
  },
  'loses count of its orphans': { make: being(LosesCount), complains: /orphans found are not/ },
  'buries those on the passlist': {
    make: (host) => new Orphans(host, new Passlist()),
    complains: /on the passlist/,
  },
  'buries where nobody copies to': {
    make: being(BuriesWhereNobodyCopies),
    complains: /which nobody copies to/,
  },
};
