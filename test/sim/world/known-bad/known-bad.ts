/**
 * Engines that are wrong on purpose, each in one way that a TCP, or a copy, has been wrong before. The simulator is worth
 * as much as it finds them.
 */
import type { EngineOptions, EngineOutputs } from '../../../../src/session/contract';
import type { Counters, DropReason } from '../../../../src/session/tables/counters';
import { Engine } from '../../../../src/session/engine';
import { readU32, writeU16, writeU32 } from '../../../../src/wire/big-endian';
import { tcpChecksum } from '../../../../src/wire/checksum';
import type { GuardLevel } from '../../../../src/wire/guard';
import type { Reply, Route } from '../../../../src/wire/reply';
import type { SegmentView } from '../../../../src/wire/segment';
import { ACK, FIN, PSH, putTcpChecksum, RST, SYN, tcpFlags, tcpHeaderLength } from '../../../../src/wire/tcp';
import { ONLINES, TEST_PORT } from '../addresses';
import type { MakeEngine } from '../world';

const IP = 20;
type Send = (packet: Uint8Array, length: number) => void;
type Change = (packet: Uint8Array, length: number, send: Send) => void;

/** An engine whose packets pass through a change on their way out; a new one for each engine. */
const sending =
  (makeChange: () => Change): MakeEngine =>
  (options, outputs) => {
    const change = makeChange();
    return new Engine(options, {
      ...outputs,
      send: (packet, length, to) => change(packet, length, (bytes, count) => outputs.send(bytes, count, to)),
    });
  };

const always = (change: Change): MakeEngine => sending(() => change);

/** An engine of which one part is another. */
const being =
  (Bad: new (options: EngineOptions, outputs: EngineOutputs) => Engine): MakeEngine =>
  (options, outputs) =>
    new Bad(options, outputs);

function mendChecksum(packet: Uint8Array, length: number): void {
  writeU16(packet, IP + 16, 0);
  putTcpChecksum(packet, IP, tcpChecksum(packet, IP, length - IP, readU32(packet, 12), readU32(packet, 16)));
}

const payloadLength = (packet: Uint8Array, length: number): number =>
  length - IP - tcpHeaderLength(packet, IP);

/** Takes a client's connections from one port for one, whichever address of the online server they are with. */
class KnowsOneAddress extends Engine {
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    return super.captured({ ...view, destination: ONLINES[0]! }, now_ms);
  }
}

class ForgetsMissingAnswers extends Engine {
  override get counters(): Counters {
    return {
      ...super.counters,
      answers_missing_never: 0,
      answers_missing_closed: 0,
      answers_missing_reset: 0,
    };
  }
}

/** Believes of every answer that only the test server gave it. */
class MissesOnlineAnswers extends Engine {
  override get counters(): Counters {
    const counters = super.counters;
    return { ...counters, answers_test_only: counters.answers_timed };
  }
}

/** Takes whatever has no time here for answered online. */
class SeesOnlineAnswersEverywhere extends Engine {
  override get counters(): Counters {
    const counters = super.counters;
    return { ...counters, answers_online_only_never: counters.answers_missing_never + 1 };
  }
}

class NeverWakes extends Engine {
  override nextDeadline_ms(): number {
    return Infinity;
  }
}

class MisreadsAcknowledgments extends Engine {
  #heard = 0;
  override repliesCame(replies: readonly Reply[], now_ms: number, clockAhead_ms: number): void {
    const misread = replies.map((reply) => {
      this.#heard += 1;
      if (this.#heard % 5 !== 0 || reply.payloadLength > 0) return reply;
      return { ...reply, acknowledgment: (reply.acknowledgment + 1) >>> 0 };
    });
    super.repliesCame(misread, now_ms, clockAhead_ms);
  }
}

class ForgetsToCount extends Engine {
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const reason = super.captured(view, now_ms);
    if (view.flags & FIN) this.counters.segments_used -= 1;
    return reason;
  }
}

/** Compares captured sequence numbers as plain numbers: right until they wrap. */
class ComparesWithoutWrap extends Engine {
  readonly #highest = new Map<number, number>();
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const highest = this.#highest.get(view.sourcePort) ?? 0;
    if (!(view.flags & SYN) && view.sequence < highest) return undefined;
    this.#highest.set(view.sourcePort, view.flags & SYN ? view.sequence : Math.max(highest, view.sequence));
    return super.captured(view, now_ms);
  }
}

class StaysArmed extends Engine {
  override setGuard(guard: GuardLevel, now_ms: number): void {
    if (guard === 'armed') super.setGuard(guard, now_ms);
  }
}

class NeverArmsAgain extends Engine {
  #lost = false;
  override setGuard(guard: GuardLevel, now_ms: number): void {
    this.#lost ||= guard === 'disarmed';
    super.setGuard(this.#lost ? 'disarmed' : guard, now_ms);
  }
}

class SendsWhileSuspended extends Engine {
  override setGuard(guard: GuardLevel, now_ms: number): void {
    if (guard !== 'suspended') super.setGuard(guard, now_ms);
  }
}

class ForgetsToGoOn extends Engine {
  #suspended = false;
  override setGuard(guard: GuardLevel, now_ms: number): void {
    this.#suspended ||= guard === 'suspended';
    super.setGuard(this.#suspended && guard === 'armed' ? 'suspended' : guard, now_ms);
  }
}

/** Ends at once what could have waited. */
class NeverWaits extends Engine {
  override setGuard(guard: GuardLevel, now_ms: number): void {
    super.setGuard(guard, now_ms);
    if (guard === 'suspended') super.setGuard('disarmed', now_ms);
  }
}

/** An intercept that takes over hears of none of its copies. */
class KeepsItsRoutes extends Engine {
  override routes(): Route[] {
    return [];
  }
}

/** Takes a write for complete whatever the client said, and every segment for one that follows an answer. */
class JoinsAnywhere extends Engine {
  #moved = 0;
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    this.#moved += 1;
    const flags = view.payloadLength > 0 ? view.flags | PSH : view.flags;
    return super.captured(
      { ...view, flags, acknowledgment: (view.acknowledgment + this.#moved) >>> 0 },
      now_ms,
    );
  }
}

/** Thinks that what it hears of a client is where the client began. */
class JoinsAtOnce extends Engine {
  readonly #known = new Set<number>();
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const key = view.source * 0x10000 + view.sourcePort;
    if (!this.#known.has(key) && view.payloadLength > 0 && !(view.flags & (SYN | FIN | RST))) {
      const sequence = (view.sequence - 1) >>> 0;
      const { counters } = this;
      const before = { ...counters };
      super.captured({ ...view, sequence, flags: SYN, payloadLength: 0 }, now_ms);
      Object.assign(counters, {
        segments_captured: before.segments_captured,
        segments_used: before.segments_used,
      });
    }
    this.#known.add(key);
    return super.captured(view, now_ms);
  }
}

class KeepsMemory extends Engine {
  override get memoryUsed_bytes(): number {
    return super.memoryUsed_bytes + this.counters.sessions_given_up_idle;
  }
}

class LosesRefusals extends Engine {
  override unroutable(): void {
    // It waits for replies that never come.
  }
}

class ForgetsRefusedCopies extends Engine {
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const reason = super.captured(view, now_ms);
    this.counters['copies_refused_table-full'] = 0;
    return reason;
  }
}

/** Looks at its timers ever so often: what was lost waits for the next look, and so do words. */
class WakesLate extends Engine {
  override nextDeadline_ms(): number {
    return Math.ceil(super.nextDeadline_ms() / 300) * 300;
  }
}

/** Believes of a reset that nothing of what was under way had been taken. */
class TakesResetsForRefusals extends Engine {
  override repliesCame(replies: readonly Reply[], now_ms: number, clockAhead_ms: number): void {
    const isReset = ({ flags }: Reply): boolean => (flags & (RST | ACK)) === (RST | ACK);
    super.repliesCame(
      replies.map((reply) =>
        isReset(reply) ? { ...reply, acknowledgment: (reply.acknowledgment - 1000) >>> 0 } : reply,
      ),
      now_ms,
      clockAhead_ms,
    );
  }
}

/** Hears a FIN only as an acknowledgment: what it says then is refused, again and again. */
class HearsNoEnd extends Engine {
  override repliesCame(replies: readonly Reply[], now_ms: number, clockAhead_ms: number): void {
    super.repliesCame(
      replies.map((reply) => ({ ...reply, flags: reply.flags & ~FIN })),
      now_ms,
      clockAhead_ms,
    );
  }
}

/** Counts an answer as given when it heard of it: what was under way on the control channel was thinking, too. */
class TimesWhatItHears extends Engine {
  override repliesCame(replies: readonly Reply[], now_ms: number): void {
    super.repliesCame(replies, now_ms);
  }
}

/** Takes intercept's clock for its own. */
class TrustsEveryClock extends Engine {
  override repliesCame(replies: readonly Reply[], now_ms: number): void {
    super.repliesCame(replies, now_ms, 0);
  }
}

const withOptions =
  (change: Partial<EngineOptions>): MakeEngine =>
  (options, outputs) =>
    new Engine({ ...options, ...change }, outputs);

export const KNOWN_BAD: Readonly<Record<string, MakeEngine>> = {
  'acknowledges one byte too many': always((packet, length, send) => {
    if (tcpFlags(packet, IP) & ACK) writeU32(packet, IP + 8, (readU32(packet, IP + 8) + 1) >>> 0);
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'never sends anything twice': sending(() => {
    const sent = new Set<string>();
    return (packet, length, send) => {
      const key = `${readU32(packet, IP)}-${readU32(packet, IP + 4)}-${tcpFlags(packet, IP)}`;
      if (payloadLength(packet, length) > 0 && sent.has(key)) return;
      sent.add(key);
      send(packet, length);
    };
  }),
  'never arms its timers': being(NeverWakes),
  'knows one address of the online server': being(KnowsOneAddress),
  'compares sequence numbers without wrap': being(ComparesWithoutWrap),
  'sends with a wrong checksum': always((packet, length, send) => {
    packet[IP + 16] = packet[IP + 16]! ^ 0xff;
    send(packet, length);
  }),
  'sends to another port': always((packet, length, send) => {
    writeU16(packet, IP + 2, TEST_PORT + 1);
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'answers the client itself now and then': sending(() => {
    let sent = 0;
    return (packet, length, send) => {
      if (++sent % 50 === 0) writeU32(packet, 16, readU32(packet, 12));
      mendChecksum(packet, length);
      send(packet, length);
    };
  }),
  'changes a byte of the payload': always((packet, length, send) => {
    if (payloadLength(packet, length) > 0) packet[length - 1] = packet[length - 1]! ^ 1;
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'never closes': always((packet, length, send) => {
    if (!(tcpFlags(packet, IP) & (FIN | RST))) send(packet, length);
  }),
  'resets with a number that is not expected': always((packet, length, send) => {
    if (tcpFlags(packet, IP) & RST) writeU32(packet, IP + 4, (readU32(packet, IP + 4) + 1) >>> 0);
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'takes acknowledgments for one byte more': being(MisreadsAcknowledgments),
  'forgets to count': being(ForgetsToCount),
  'never unregisters': (options, outputs) =>
    new Engine(options, { ...outputs, unregister: () => undefined, abandon: () => undefined }),
  'sends before it registers': (options, outputs) => {
    const waiting: Parameters<EngineOutputs['register']>[] = [];
    return new Engine(options, {
      ...outputs,
      register: (...route) => void waiting.push(route),
      send: (packet, length, to) => {
        outputs.send(packet, length, to);
        for (const route of waiting.splice(0)) outputs.register(...route);
      },
    });
  },
  'loses the window scale': always((packet, length, send) => {
    if (tcpFlags(packet, IP) & SYN) packet.fill(1, IP + 24, IP + tcpHeaderLength(packet, IP));
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'goes on when it is disarmed': being(StaysArmed),
  'sends while the guard is suspended': being(SendsWhileSuspended),
  'forgets to go on once the guard is armed again': being(ForgetsToGoOn),
  'drops its copies as soon as the guard is suspended': being(NeverWaits),
  'does not tell an intercept that takes over of its copies': being(KeepsItsRoutes),
  'never copies again once it was disarmed': being(NeverArmsAgain),
  'joins a connection in the middle of a request': being(JoinsAnywhere),
  'takes the first segment that it sees for the beginning': being(JoinsAtOnce),
  'forgets to release memory': being(KeepsMemory),
  'does not hear that its endpoint is taken': being(LosesRefusals),
  'does not count the copies that it refuses': being(ForgetsRefusedCopies),
  'says doubtful requests again': withOptions({ repeatsDoubtful: true }),
  'does not tell what is in doubt': (options, outputs) =>
    new Engine(options, { ...outputs, doubtful: () => undefined }),
  'tells that answers took a quarter of a millisecond longer': (options, outputs) =>
    new Engine(options, {
      ...outputs,
      answered: (to, first_ms, last_ms) => outputs.answered?.(to, first_ms + 0.25, last_ms + 0.25),
    }),
  'takes an answer to be given when it hears of it': being(TimesWhatItHears),
  "takes intercept's clock for its own": being(TrustsEveryClock),
  'takes all answers for the test server alone': being(MissesOnlineAnswers),
  'takes answers for given online that nobody gave': being(SeesOnlineAnswersEverywhere),
  'does not tell why an answer has no time': being(ForgetsMissingAnswers),
  'takes every reset for a refusal': being(TakesResetsForRefusals),
  'does not hear that a connection ends': being(HearsNoEnd),
  'wakes late': being(WakesLate),
  'asks a test server that refuses again and again': always((packet, length, send) => {
    for (let turn = 0; turn < (tcpFlags(packet, IP) & SYN ? 8 : 1); turn += 1) send(packet, length);
  }),
  'gives up a connection that the test server ends': withOptions({ wholeConnectionsOnly: true }),
  'joins no connection': withOptions({ wholeConnectionsOnly: true }),
  'copies each connection once more than it should': (options, outputs) =>
    new Engine({ ...options, copies: (options.copies ?? 1) + 1 }, outputs),
  'gives all copies of a connection one port': (options, outputs) => {
    // The same source port for whoever speaks with the same sequence numbers.
    const ports = new Map<number, number>();
    return sending(() => (packet, length, send) => {
      const sequence = readU32(packet, IP + 4);
      const port = (packet[IP]! << 8) | packet[IP + 1]!;
      if (tcpFlags(packet, IP) === SYN && !ports.has(sequence)) ports.set(sequence, port);
      const first = [...ports].find(([begin]) => (sequence - begin) >>> 0 < 100_000)?.[1];
      writeU16(packet, IP, first ?? port);
      mendChecksum(packet, length);
      send(packet, length);
    })(options, outputs);
  },
  'lets a request go out again when it joins anew': (options, outputs) => {
    // Begins a joined connection with the last thing that the connection before had said.
    const said = new Map<number, Uint8Array>();
    return sending(() => (packet, length, send) => {
      const key = (packet[IP]! << 8) | packet[IP + 1]!;
      send(packet, length);
      if (payloadLength(packet, length) > 0) {
        const before = said.get(key);
        said.set(key, packet.slice(0, length));
        if (!before || readU32(before, IP + 8) === readU32(packet, IP + 8)) return;
        const again = packet.slice(0, length);
        writeU32(again, IP + 4, (readU32(packet, IP + 4) + payloadLength(packet, length)) >>> 0);
        mendChecksum(again, length);
        send(again, length);
      }
    })(options, outputs);
  },
};
