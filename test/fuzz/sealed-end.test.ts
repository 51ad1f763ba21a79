/** Whatever somebody on the way does with a sealed channel, each end hears the beginning of what the other said, or nothing more. */
import assert from 'node:assert/strict';
import { drawKey } from '../../src/control/sealed/key';
import { SealedEnd } from '../../src/control/sealed/sealed-end';
import { SealError } from '../../src/control/sealed/seal-error';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';

const KEYS = [drawKey(new Date())];
/** Most records are small; some words are more than one holds. */
const WORDS_MAX = 300;
const MANY_WORDS_MAX = 150_000;

/** What came of the words; an end that has met an attack hears nothing any more. */
class Hearing {
  readonly heard: Uint8Array[] = [];
  ended = false;

  constructor(private readonly end: SealedEnd) {}

  take(bytes: Uint8Array): void {
    if (this.ended) return;
    try {
      for (const words of this.end.receive(bytes)) this.heard.push(words.slice());
    } catch (error) {
      assert.ok(error instanceof SealError, String(error));
      this.ended = true;
    }
  }
}

const randomBytes = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.between(0, 255));

/** In pieces of any length. */
function* pieces(random: Random, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = random.between(1, bytes.length - at);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** @returns what arrives in the place of these bytes */
function tamper(random: Random, bytes: Uint8Array, recorded: readonly Uint8Array[]): Uint8Array {
  const dice = random.next();
  if (dice < 0.7) return bytes;
  if (dice < 0.8) {
    const bent = bytes.slice();
    bent[random.between(0, bent.length - 1)]! ^= 1 << random.between(0, 7);
    return bent;
  }
  if (dice < 0.85) return bytes.subarray(0, random.between(0, bytes.length - 1));
  if (dice < 0.9) return Buffer.concat([bytes, bytes]);
  if (dice < 0.95) return random.pick(recorded);
  return randomBytes(random, random.between(1, 200));
}

fuzz('attacks on sealed channels make nobody hear what was not said', 150, (random) => {
  const tcpcopy = new SealedEnd('tcpcopy', KEYS);
  const intercept = new SealedEnd('intercept', KEYS);
  const [atTcpcopy, atIntercept] = [new Hearing(tcpcopy), new Hearing(intercept)];
  const recorded: Uint8Array[] = [];
  const said = { tcpcopy: [] as Uint8Array[], intercept: [] as Uint8Array[] };
  const isAttacked = random.chance(0.8);
  const carry = (bytes: Uint8Array, to: Hearing): void => {
    recorded.push(bytes);
    const arrives = isAttacked ? tamper(random, bytes, recorded) : bytes;
    for (const piece of pieces(random, arrives)) to.take(piece);
  };
  const speak = (from: SealedEnd, list: Uint8Array[], to: Hearing): void => {
    if (!from.speaks) return;
    const most = random.chance(0.02) ? MANY_WORDS_MAX : WORDS_MAX;
    const words = randomBytes(random, random.between(1, most));
    list.push(words);
    carry(from.seal(words).slice(), to);
  };
  carry(tcpcopy.takeUnsent(), atIntercept);
  const answer = intercept.takeUnsent();
  if (answer.length > 0) carry(answer, atTcpcopy);
  for (let turn = 0; turn < 12; turn += 1) {
    speak(tcpcopy, said.tcpcopy, atIntercept);
    speak(intercept, said.intercept, atTcpcopy);
  }
  for (const [{ heard }, words] of [
    [atIntercept, said.tcpcopy],
    [atTcpcopy, said.intercept],
  ] as const) {
    const whole = Buffer.concat(heard);
    assert.ok(whole.equals(Buffer.concat(words).subarray(0, whole.length)));
  }
  if (isAttacked) return;
  const lengthOf = (list: readonly Uint8Array[]): number => Buffer.concat(list).length;
  assert.equal(lengthOf(atIntercept.heard), lengthOf(said.tcpcopy));
  assert.equal(lengthOf(atTcpcopy.heard), lengthOf(said.intercept));
});
