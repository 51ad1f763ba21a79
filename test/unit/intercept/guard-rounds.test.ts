import { jest } from '@jest/globals';
import type { Peer } from '../../../src/control/server';
import { GuardRounds } from '../../../src/intercept/guard-rounds';
import type { Proof, ReplySource } from '../../../src/intercept/replies/reply-source';
import type { Log } from '../../../src/process/log';
import type { Endpoint } from '../../../src/wire/flow';
import type { Guard, Stood } from '../../../src/wire/guard';
import { useFakeTime, useRealTime } from '../fake-time';

const AT_ONCE: Endpoint = { address: 3, port: 8080 };
const IN_A_MOMENT: Endpoint = { address: 4, port: 8080 };
const SILENT: Log = { info: () => undefined, warning: () => undefined, error: () => undefined };

const sourceThat = (prove: ReplySource['prove']): ReplySource => ({
  description: '',
  counters: {},
  prove,
  connections: () => undefined,
  close: () => undefined,
});

test('who asks right behind a round at rest is told every 30 ms from then on', () => {
  useFakeTime();
  try {
    let proofs = 0;
    const source = sourceThat(() => {
      proofs += 1;
      return { provenAt_ms: performance.now() };
    });
    const tellGuard = jest.fn();
    const rounds = new GuardRounds(
      source,
      () => [],
      () => undefined,
      SILENT,
    );
    rounds.start();
    const peer = { name: 'tcpcopy', endpoints: [AT_ONCE], tellGuard } as unknown as Peer;
    rounds.join(peer);
    jest.advanceTimersByTime(40);
    rounds.join({ name: 'another', endpoints: [AT_ONCE], tellGuard } as unknown as Peer);
    const atRest = proofs;
    jest.advanceTimersByTime(2);
    rounds.ask(peer, 1);
    jest.advanceTimersByTime(300);
    rounds.stop();
    expect(proofs - atRest).toBeGreaterThanOrEqual(8);
  } finally {
    useRealTime();
  }
});

test('what is told counts from the oldest proof that it rests on, not from when it is told', () => {
  const told: number[] = [];
  const tellGuard = (_: Guard, { clock_ms }: Stood): void => void told.push(clock_ms);
  const source = sourceThat((copied): Proof => (copied === AT_ONCE ? { provenAt_ms: 7 } : 'pending'));
  const rounds = new GuardRounds(
    source,
    () => [],
    () => undefined,
    SILENT,
  );
  rounds.start();
  rounds.join({ name: 'tcpcopy', endpoints: [AT_ONCE, IN_A_MOMENT], tellGuard } as unknown as Peer);
  expect(told).toEqual([]);
  rounds.proven(IN_A_MOMENT, 5);
  rounds.stop();
  expect(told).toEqual([5]);
});

test('what is done behind a late proof is done where that was the proof, not where the last round was', () => {
  const source = sourceThat((copied): Proof => (copied === AT_ONCE ? { provenAt_ms: 0 } : 'pending'));
  const done: Endpoint[][] = [];
  const rounds = new GuardRounds(
    source,
    () => [AT_ONCE, IN_A_MOMENT],
    (_, isProven) => done.push([AT_ONCE, IN_A_MOMENT].filter(isProven)),
    SILENT,
  );
  rounds.start();
  rounds.proven(IN_A_MOMENT, 0);
  rounds.stop();
  expect(done).toEqual([[AT_ONCE], [IN_A_MOMENT]]);
});

test('each tcpcopy is told by the number of its own last question, and when that was heard', () => {
  const source = sourceThat((): Proof => ({ provenAt_ms: performance.now() }));
  const rounds = new GuardRounds(
    source,
    () => [],
    () => undefined,
    SILENT,
  );
  const told = new Map<string, Stood>();
  const peerNamed = (name: string): Peer =>
    ({
      name,
      endpoints: [AT_ONCE],
      tellGuard: (_: Guard, stood: Stood) => told.set(name, stood),
    }) as unknown as Peer;
  const [asking, silent] = [peerNamed('asking'), peerNamed('silent')];
  rounds.join(asking);
  rounds.join(silent);
  const before_ms = performance.now();
  rounds.ask(asking, 7);
  rounds.stop();
  expect(told.get('asking')!.asked).toBe(7);
  expect(told.get('asking')!.heard_ms).toBeGreaterThanOrEqual(before_ms);
  expect(told.get('silent')!.asked).toBe(0);
});

test('it is ready once it listens, and from the first greeting on only while what is copied to is proven', () => {
  let proof: Proof = { unproven: 'no rule' };
  const rounds = new GuardRounds(
    sourceThat(() => proof),
    () => [],
    () => undefined,
    SILENT,
  );
  const peer = { name: 'tcpcopy', endpoints: [AT_ONCE], tellGuard: () => undefined } as unknown as Peer;
  const later = { ...peer, name: 'another', endpoints: [IN_A_MOMENT] } as Peer;
  const prove = (next: Proof, whom = peer): typeof rounds.readiness => {
    proof = next;
    rounds.join(whom);
    return rounds.readiness;
  };
  rounds.start();
  expect(rounds.readiness).toEqual({ ready: true, status: 'waiting for tcpcopy' });
  expect(prove('pending')).toEqual({ ready: false, status: 'the first proof is under way' });
  expect(prove({ unproven: 'no rule' })).toEqual({ ready: false, status: 'no rule' });
  expect(prove({ provenAt_ms: 1 })).toEqual({ ready: true, status: 'armed' });
  // The next one is under way, at the data link each time.
  expect(prove('pending')).toMatchObject({ ready: true });
  // What another copies to was never proven.
  expect(prove('pending', later)).toMatchObject({ ready: false });
  rounds.leave(later);
  expect(rounds.readiness).toMatchObject({ ready: true });
  rounds.end('intercept is stopping');
  rounds.stop();
  expect(rounds.readiness).toEqual({ ready: false, status: 'intercept is stopping' });
});
