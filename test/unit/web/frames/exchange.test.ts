import { exchangeOf } from '../../../../lab/web/frames/exchange';
import type { Step } from '../../../../lab/web/messages/frame';
import { ACK, SYN } from '../../../../src/wire/tcp';
import { tcp } from '../../verify/world/frames';
import { CLIENT, ONLINE } from '../../verify/world/scene';
import { exchangeFrames, kept, REQUEST } from '../world';

const { steps } = exchangeOf(kept(), CLIENT, true);
const kinds = (some: readonly Step[]): string[] => some.map(({ frame }) => `${frame.kind} ${frame.flags}`);

describe('a connection beside its copy', () => {
  test('is told in the order of time', () => {
    expect(steps).toHaveLength(exchangeFrames.length);
    expect(kinds(steps.slice(0, 6))).toEqual([
      'request S',
      'answer S.',
      'request .',
      'request P.',
      'copy S',
      'response S.',
    ]);
    expect(steps.map(({ after_ms }) => Math.round(after_ms))).toEqual(
      exchangeFrames.map((_, index) => index),
    );
  });

  test('knows which frame says the same in the other world', () => {
    expect(steps.map(({ twin }) => twin)).toEqual([4, 5, undefined, 7, 0, 1, 8, 3, 6, 10, 9, undefined]);
  });

  test('names what was rewritten, and the payload is not', () => {
    expect(steps[7]!.rewritten).toEqual(
      expect.arrayContaining(['ip.destination', 'tcp.destination-port', 'tcp.acknowledgment']),
    );
    expect(steps[7]!.rewritten).not.toContain('tcp.sequence');
    expect(steps[7]!.frame.hex.endsWith(Buffer.from(REQUEST).toString('hex'))).toBe(true);
    expect(steps[3]!.frame.hex.endsWith(Buffer.from(REQUEST).toString('hex'))).toBe(true);
  });

  test('tells what each frame of the copy waited for', () => {
    expect(steps[4]!.waitedFor).toMatchObject({ cause: 'client-syn', step: 0 });
    // The client had said it before the test server accepted the connection.
    expect(steps[7]!.waitedFor).toMatchObject({ cause: 'test-syn-ack', step: 5 });
    expect(steps[7]!.waitedFor!.for_ms).toBeCloseTo(4, 1);
    expect(steps[10]!.waitedFor).toMatchObject({ cause: 'client-end', step: 9 });
  });

  test('leaves out the connections of others', () => {
    const other = tcp('198.18.10.11:40000', ONLINE, { flags: SYN });
    const strangers = kept([...exchangeFrames, other]);
    expect(exchangeOf(strangers, CLIENT, true).steps).toHaveLength(exchangeFrames.length);
  });

  test('finds a copy that was given another address by its port', () => {
    const copied = exchangeFrames.map((frame) =>
      frame.tcp?.to.startsWith('198.18.10.30')
        ? tcp('198.18.10.99:40000', frame.tcp.to, { flags: SYN, sequence: 1000 })
        : frame,
    );
    const found = exchangeOf(kept(copied.slice(0, 5)), CLIENT, true).steps;
    expect(found.at(-1)).toMatchObject({ frame: { kind: 'copy' }, twin: 0 });
    expect(found.at(-1)!.rewritten).toContain('ip.source');
  });

  test('that began before is put in place from the first frame that was seen', () => {
    const found = exchangeOf(kept(exchangeFrames.filter((_, index) => [3, 7].includes(index))), CLIENT, true);
    expect(found.steps.map(({ twin }) => twin)).toEqual([1, 0]);
    expect(kept([tcp(CLIENT, ONLINE, { flags: ACK })])).toHaveLength(1);
  });
});
