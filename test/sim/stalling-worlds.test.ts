import { Engine } from '../../src/session/engine';
import { readU16, readU32 } from '../../src/wire/big-endian';
import type { Reply } from '../../src/wire/reply';
import { tcpHeaderLength } from '../../src/wire/tcp';
import { doubtInWorlds } from './world/expect-worlds';
import { playPlan } from './world/play';
import { stallingPlan } from './world/plan/stalling';
import type { MakeEngine } from './world/world';

/** So many times more than it must may be told to be in doubt; and where answers come in several writes. */
const OVERTOLD_MAX = 1.5;
const OVERTOLD_IN_PARTS_MAX = 2;
const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);
/** Among them one in which answers went on behind the next words, again and again. */
const SEEDS_IN_PARTS = SEEDS.slice(0, 120);
const TRAILING_SEED = 28;

const IP = 20;

/** Takes whatever comes for an answer to what was said last. */
const takesTailsForAnswers: MakeEngine = (options, outputs) => {
  /** By the copy's port: the sequence number behind all that it has sent. */
  const sentUntil = new Map<number, number>();
  const engine = new Engine(options, {
    ...outputs,
    send: (packet, length, to) => {
      const said_bytes = length - IP - tcpHeaderLength(packet, IP);
      if (said_bytes > 0) sentUntil.set(readU16(packet, IP), (readU32(packet, IP + 4) + said_bytes) >>> 0);
      outputs.send(packet, length, to);
    },
  });
  const hear = engine.repliesCame.bind(engine);
  engine.repliesCame = (replies, now_ms) => {
    const heard = replies.map((reply): Reply => {
      const acknowledgment = sentUntil.get(reply.clientPort) ?? reply.acknowledgment;
      return reply.payloadLength > 0 ? { ...reply, acknowledgment } : reply;
    });
    hear(heard, now_ms);
  };
  return engine;
};

describe('while a test server stalls again and again, and closes', () => {
  test('what it did not read is told to be in doubt', () => {
    const { doubtful, unread } = doubtInWorlds((seed) => stallingPlan(seed), SEEDS);
    expect(unread).toBeGreaterThan(0);
    expect(doubtful).toBeLessThan(unread * OVERTOLD_MAX);
  });

  test('so it is where each answer comes in three writes, and goes on behind the next words', () => {
    const { doubtful, unread } = doubtInWorlds((seed) => stallingPlan(seed, 3), SEEDS_IN_PARTS);
    expect(doubtful).toBeLessThan(unread * OVERTOLD_IN_PARTS_MAX);
  });

  test('an engine is found that does not see that they go on', () => {
    const { violations } = playPlan(stallingPlan(TRAILING_SEED, 3), { makeEngine: takesTailsForAnswers });
    expect(violations).toContainEqual(expect.stringMatching(/was heard 0 times/));
  });

  test('an engine is found that keeps half of it to itself', () => {
    let told = 0;
    const makeEngine: MakeEngine = (options, outputs) =>
      new Engine(options, {
        ...outputs,
        doubtful: (requests) => {
          told += 1;
          if (told % 2 === 0) outputs.doubtful?.(requests);
        },
      });
    const complaints = SEEDS.slice(0, 20).flatMap(
      (seed) => playPlan(stallingPlan(seed), { makeEngine }).violations,
    );
    expect(complaints).toContainEqual(expect.stringMatching(/was heard 0 times/));
  });
});
