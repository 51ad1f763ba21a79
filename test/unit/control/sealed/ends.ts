/** Two ends of a sealed channel, and what passes between them, for those who would tamper with it. */
import { drawKey, type Key } from '../../../../src/control/sealed/key';
import { sealedLength, type Sealer } from '../../../../src/control/sealed/records';
import { SealedEnd } from '../../../../src/control/sealed/sealed-end';

export const newKey = (id: string): Key => ({ ...drawKey(new Date()), id });

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

export function recordOf(sealer: Sealer, text: string): Uint8Array {
  const words = bytesOf(text);
  const record = new Uint8Array(sealedLength(words.length));
  sealer.seal(words, record);
  return record;
}

/** Everything that an end makes of these bytes, as text. */
export const heardBy = (end: SealedEnd, bytes: Uint8Array): string[] =>
  [...end.receive(bytes)].map((words) => Buffer.from(words).toString());

export interface Ends {
  readonly tcpcopy: SealedEnd;
  readonly intercept: SealedEnd;
  /** As they went over the wire. */
  readonly opening: Uint8Array;
  readonly answer: Uint8Array;
  readonly greeting: Uint8Array;
}

/** Ends that have greeted. */
export function greeted(key: Key, greeting = 'hello'): Ends {
  const tcpcopy = new SealedEnd('tcpcopy', [key]);
  const intercept = new SealedEnd('intercept', [key]);
  const opening = tcpcopy.takeUnsent();
  heardBy(intercept, opening);
  const answer = intercept.takeUnsent();
  heardBy(tcpcopy, answer);
  const sealed = tcpcopy.seal(bytesOf(greeting)).slice();
  heardBy(intercept, sealed);
  return { tcpcopy, intercept, opening, answer, greeting: sealed };
}
