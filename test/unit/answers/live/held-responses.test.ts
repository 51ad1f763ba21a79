import { HeldResponses } from '../../../../src/answers/live/held-responses';
import { emptySegmentView, type SegmentView } from '../../../../src/wire/segment';

const segment = (bytes: Uint8Array, sequence = 0): SegmentView => ({
  ...emptySegmentView(),
  bytes,
  sequence,
  payloadLength: bytes.length,
});
const all = (): boolean => true;

describe('responses that are ahead of what they answer', () => {
  test('are kept as they were, and taken out in their order', () => {
    const held = new HeldResponses(10_000);
    const lent = Buffer.from('one');
    held.add('a', segment(lent, 1), 5);
    lent.fill(0);
    held.add('a', segment(Buffer.from('two'), 2), 6);
    expect(held.takeIf('a', ({ sequence }) => sequence === 2)).toBeUndefined();
    const { segment: first, time_s } = held.takeIf('a', all)!;
    expect({ text: Buffer.from(first.bytes).toString(), time_s }).toEqual({ text: 'one', time_s: 5 });
    expect(held.takeIf('a', all)!.segment.sequence).toBe(2);
    expect(held.has('a')).toBe(false);
  });

  test('take bounded memory: those of the connection that waits longest are let go of, all of them', () => {
    const held = new HeldResponses(10_000);
    for (const key of ['a', 'a', 'b', 'c']) held.add(key, segment(Buffer.alloc(3000)), 0);
    expect(['a', 'b', 'c'].map((key) => held.has(key))).toEqual([false, true, true]);
    expect(held.dropped).toBe(2);
  });

  test('are let go of from one expiry to the next', () => {
    const held = new HeldResponses(10_000);
    held.add('a', segment(Buffer.from('one')), 0);
    held.expire();
    expect(held.has('a')).toBe(true);
    held.add('b', segment(Buffer.from('two')), 0);
    held.expire();
    expect([held.has('a'), held.has('b')]).toEqual([false, true]);
  });
});
