/** What several workers have played of one capture. */
import { TransferTimes } from '../../../src/answers/times/transfer-times';
import type { Account } from '../../../src/tcpcopy/offline/account';
import { jointAccount, type WorkerReport } from '../../../src/tcpcopy/offline/joint-account';

function report(changes: Partial<Account>, took_ms: readonly number[]): WorkerReport {
  const times = new TransferTimes(['80-198.18.10.30:8080'], (name) => name);
  for (const one_ms of took_ms) times.note('80-198.18.10.30:8080', one_ms, 2 * one_ms);
  return {
    account: {
      files: ['online.pcap'],
      duration_ms: 10,
      captured_ms: 10,
      isWhole: true,
      read: { packets: 100 },
      damages: [],
      overlapping: [],
      encapsulations: [],
      unsupported: [],
      clockJumps: 0,
      nothing: undefined,
      unused: {},
      counters: {},
      times: times.readings(),
      lateness_ms: undefined,
      ...changes,
    },
    times: times.parts,
  };
}

const NOTHING = { why: 'for there are no packets in it', holds: [], next: 'capture again' };

describe('the account of several workers', () => {
  test('sums up what was played, and has what was read once', () => {
    const joint = jointAccount([
      report(
        { counters: { requests_sent: 3 }, unused: { repeated: 1 }, lateness_ms: { half: 1, most: 5 } },
        [1],
      ),
      report(
        { counters: { requests_sent: 4 }, unused: { repeated: 2 }, duration_ms: 12, clockError_ms: 1 },
        [3, 5],
      ),
    ]);
    expect(joint).toMatchObject({
      read: { packets: 100 },
      counters: { requests_sent: 7 },
      unused: { repeated: 3 },
      duration_ms: 12,
      clockError_ms: undefined,
      lateness_ms: { half: 1, most: 5 },
    });
    const [times] = joint.times;
    expect(times!.count).toBe(3);
    expect(times!.first_byte_ms.p50).toBeCloseTo(3, 1);
    expect(times!.last_byte_ms.max).toBeCloseTo(10, 1);
  });

  test('is whole when all have read to the end, and says that nothing was played when none has played anything', () => {
    expect(jointAccount([report({}, []), report({ isWhole: false }, [])]).isWhole).toBe(false);
    expect(jointAccount([report({ nothing: NOTHING }, []), report({}, [])]).nothing).toBeUndefined();
    expect(jointAccount([report({ nothing: NOTHING }, []), report({ nothing: NOTHING }, [])]).nothing).toBe(
      NOTHING,
    );
  });
});
