import { findInLedger } from '../../../../lab/verify/findings/in-ledger';
import { ledgerOf, type Ledger } from '../../../../lab/verify/ledger/ledger';
import { cut } from '../world/conversation';
import { clientOf, observed, planOf, post, RUN, saidIn, type Said } from '../world/plan';
import { ONLINE, scene, TEST } from '../world/scene';

const plan = planOf(3, 2, 1, 1);
const sent = saidIn(plan);
const id = (name: string): string => `lab/${RUN}/${name}`;

/** With what reached the test server; the online server got everything. */
const ledgerWith = (atTest: readonly Said[], atOnline: readonly Said[] = sent): Ledger =>
  ledgerOf({ planned: plan, sent: 7, online: observed(ONLINE, atOnline), test: observed(TEST, atTest) });

/** With the pieces of one connection changed on their way to the test server. */
const ledgerWhere = (number: number, change: (pieces: Uint8Array[]) => Uint8Array[]): Ledger =>
  ledgerWith(sent.map((said, at) => (at === number ? { ...said, pieces: change([...said.pieces]) } : said)));

const nothing = { missing: [], doubtful: [], duplicated: [], altered: [], reordered: [], unexpected: [] };
const noDoubt = { told: 0, named: [], arrived: [] };
const codesOf = (ledger: Ledger): string[] =>
  findInLedger(ledger, scene, { before: undefined, after: undefined }).map(({ code }) => code);

describe('an exact copy', () => {
  const counts = {
    sent: 7,
    online: 7,
    test: 7,
    missing: 0,
    doubtful: 0,
    duplicated: 0,
    altered: 0,
    reordered: 0,
    unexpected: 0,
  };

  test('has every request once', () => {
    expect(ledgerWith(sent)).toEqual({ counts, identities: nothing, inDoubt: noDoubt, notDelivered: [] });
    expect(codesOf(ledgerWith(sent))).toEqual([]);
  });

  test('may be cut into segments anywhere', () => {
    const inPieces = sent.map(({ client, pieces }) => {
      const stream = Buffer.concat(pieces);
      return { client, pieces: cut(stream, 1, 20, 21, stream.length - 1) };
    });
    expect(ledgerWith(inPieces)).toEqual({ counts, identities: nothing, inDoubt: noDoubt, notDelivered: [] });
  });

  test('may have its connections in another order, and from other ends', () => {
    const elsewhere = sent.map((said, at) => ({ ...said, client: `198.18.10.77:${50_000 + at}` }));
    expect(ledgerWith(elsewhere.toReversed()).identities).toEqual(nothing);
  });

  test('may have one end that nobody had for several connections, one after the other', () => {
    const reused = sent.map((said) => ({ ...said, client: '198.18.10.20:61000' }));
    expect(ledgerWith(reused.toReversed()).identities).toEqual(nothing);
  });

  test('may have one port for two connections, one after the other', () => {
    const onePort = sent.map((said) => ({ ...said, client: clientOf(0) }));
    expect(ledgerWith(onePort, onePort).identities).toEqual(nothing);
  });

  test('may go on in a second connection of the same end', () => {
    const [first, ...others] = sent;
    const [one, ...rest] = first!.pieces;
    const split = [
      { client: first!.client, pieces: [one!] },
      { client: first!.client, pieces: rest },
      ...others,
    ];
    expect(ledgerWith(split).identities).toEqual(nothing);
  });

  test('leaves out what is not of this run', () => {
    const strangers = [
      { client: '198.18.10.20:50000', pieces: [post(`direct/${RUN}/0-0`, 'x')] },
      { client: '198.18.10.10:50001', pieces: [post('lab/zzzz9999/0-0', 'x'), post('favicon.ico', '')] },
      { client: '198.18.10.10:50002', pieces: [Buffer.from('garbage\r\n\r\n')] },
    ];
    expect(ledgerWith([...sent, ...strangers]).identities).toEqual(nothing);
  });
});

describe('a request is missing', () => {
  test('when the online server got it and the test server did not', () => {
    const ledger = ledgerWhere(0, ([a, , c]) => [a!, c!]);
    expect(ledger.identities).toEqual({ ...nothing, missing: [id('0-1')] });
    expect(ledger.counts).toMatchObject({ online: 7, test: 6, missing: 1 });
    expect(codesOf(ledger)).toEqual(['requests-missing']);
  });

  test('when its connection is', () => {
    expect(ledgerWith(sent.slice(1)).identities.missing).toEqual([id('0-0'), id('0-1'), id('0-2')]);
  });

  test('when its end is, and what there is of it is no finding of its own', () => {
    const ledger = ledgerWhere(1, ([a, b]) => [a!, b!.subarray(0, -1)]);
    expect(ledger.identities).toEqual({ ...nothing, missing: [id('1-1')] });
  });

  test('when the beginning of its stream is lost, with all behind it', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => [a!.subarray(4), b!, c!]);
    expect(ledger.identities.missing).toEqual([id('0-0'), id('0-1'), id('0-2')]);
  });

  test('from the load instead, when the online server did not get it either', () => {
    const without = sent.slice(1);
    const ledger = ledgerWith(without, without);
    expect(ledger.identities.missing).toEqual([]);
    expect(ledger.notDelivered).toEqual([id('0-0'), id('0-1'), id('0-2')]);
  });

  test('from the load too, when the online server got other bytes', () => {
    const garbled = [{ client: clientOf(0), pieces: [post(id('0-0'), 'other')] }, ...sent.slice(1)];
    expect(ledgerWith(sent, garbled).notDelivered).toEqual([id('0-0'), id('0-1'), id('0-2')]);
  });
});

describe('a request is duplicated', () => {
  test('when its bytes come twice in a stream', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => [a!, b!, b!, c!]);
    expect(ledger.identities).toEqual({ ...nothing, duplicated: [id('0-1')] });
    expect(codesOf(ledger)).toEqual(['requests-duplicated']);
  });

  test('each time beyond the first', () => {
    expect(ledgerWhere(2, ([a]) => [a!, a!, a!, a!]).counts.duplicated).toBe(3);
  });

  test('when another connection carries it again', () => {
    const again = { client: '198.18.10.10:60000', pieces: sent[2]!.pieces };
    expect(ledgerWith([...sent, again]).identities).toEqual({ ...nothing, duplicated: [id('2-0')] });
  });

  test('when a second connection of its own end carries it again', () => {
    expect(ledgerWith([...sent, sent[1]!]).identities.duplicated).toEqual([id('1-0'), id('1-1')]);
  });
});

describe('a request is altered', () => {
  test('when one byte of it is another', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => {
      const changed = Uint8Array.from(b!);
      changed[changed.length - 1]! ^= 1;
      return [a!, changed, c!];
    });
    expect(ledger.identities).toEqual({ ...nothing, altered: [id('0-1')] });
    expect(codesOf(ledger)).toEqual(['requests-altered']);
  });

  test('when bytes are lost from its end, as is the next, whose beginning it took', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => [a!.subarray(0, -1), b!, c!]);
    expect(ledger.identities).toEqual({ ...nothing, altered: [id('0-0'), id('0-1')] });
  });

  test('when it came right once, and wrong once', () => {
    const ledger = ledgerWhere(2, ([a]) => [a!, post(id('2-0'), 'other')]);
    expect(ledger.identities).toEqual({ ...nothing, duplicated: [id('2-0')], altered: [id('2-0')] });
  });

  test('beyond recognition when its name is: then it is missing, and another one is there', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => [
      a!,
      Buffer.from(Buffer.from(b!).toString().replace('lab/', 'LAB/')),
      c!,
    ]);
    expect(ledger.identities).toEqual({
      ...nothing,
      missing: [id('0-1')],
      unexpected: [
        expect.stringMatching(/^a request of \d+ bytes without a name from 198\.18\.10\.10:40000$/),
      ],
    });
  });
});

describe('a request is out of place', () => {
  test('when it comes before the one in front of it', () => {
    const ledger = ledgerWhere(0, ([a, b, c]) => [a!, c!, b!]);
    expect(ledger.identities).toEqual({ ...nothing, reordered: [id('0-1')] });
    expect(codesOf(ledger)).toEqual(['order-changed']);
  });

  test('when it comes in another client’s connection', () => {
    const [a, b, c, d] = sent;
    const swapped = [a!, b!, { ...c!, pieces: d!.pieces }, { ...d!, pieces: c!.pieces }];
    expect(ledgerWith(swapped).identities).toEqual({ ...nothing, reordered: [id('3-0'), id('2-0')] });
  });

  test('when two connections of one port are in the wrong order', () => {
    const onePort = sent.map((said) => ({ ...said, client: clientOf(0) }));
    const [a, b, c, d] = onePort;
    expect(ledgerWith([a!, b!, d!, c!], onePort).identities).toEqual({ ...nothing, reordered: [id('2-0')] });
  });

  test('when connections are mixed up in one from an end that nobody had', () => {
    const mixed = { client: '198.18.10.77:50000', pieces: [...sent[2]!.pieces, ...sent[3]!.pieces] };
    expect(ledgerWith([sent[0]!, sent[1]!, mixed]).identities).toEqual({
      ...nothing,
      reordered: [id('3-0')],
    });
  });
});

describe('something is unexpected', () => {
  test('when it carries a name of this run that was not planned', () => {
    const ledger = ledgerWith([...sent, { client: clientOf(9), pieces: [post(id('9-0'), 'x')] }]);
    expect(ledger.identities).toEqual({ ...nothing, unexpected: [id('9-0')] });
    expect(codesOf(ledger)).toEqual(['requests-unexpected']);
  });

  test.each([
    ['a request without a name', post('favicon.ico', ''), /^a request of \d+ bytes without a name/],
    ['a request of the direct load', post(`direct/${RUN}/0-0`, ''), /^a request of \d+ bytes without a name/],
    ['bytes that are no request', Buffer.from('oops\r\n\r\n'), /^8 bytes that are no request/],
    ['the beginning of a request', post(id('1-1'), '').subarray(0, 30), /^30 bytes of a request/],
  ])('when a connection of this run ends with %s', (_, piece, words) => {
    const ledger = ledgerWhere(1, (pieces) => [...pieces, piece]);
    expect(ledger.identities).toEqual({ ...nothing, unexpected: [expect.stringMatching(words)] });
  });
});

describe('what the ledger shows', () => {
  test('is told with the first three requests', () => {
    const findings = findInLedger(ledgerWith(sent.slice(2)), scene, { before: undefined, after: undefined });
    expect(findings).toEqual([
      {
        code: 'requests-missing',
        message: `5 requests that the online server got never reached test:8080: ${id('0-0')}, ${id('0-1')}, ${id('0-2')}, ….`,
      },
    ]);
  });

  test('is told with what tcpcopy counted as lost since', () => {
    const counters = {
      before: { dropped_not_armed: 2, packets_given_up: 1, sent: 10 },
      after: { dropped_not_armed: 7, packets_given_up: 1, sent: 90, send_failed: 3, dropped_repeated: 9 },
    };
    expect(findInLedger(ledgerWith(sent.slice(1)), scene, counters)[0]!.message).toMatch(
      /\. tcpcopy counted dropped_not_armed 5, send_failed 3\.$/,
    );
  });

  test('has a finding for each kind, in a fixed order', () => {
    const [a, b, c] = sent;
    const changed = [
      { ...a!, pieces: [a!.pieces[1]!, a!.pieces[0]!, a!.pieces[0]!] },
      { ...b!, pieces: [post(id('1-0'), 'other'), b!.pieces[1]!, post('x', '')] },
      c!,
    ];
    expect(codesOf(ledgerWith(changed))).toEqual([
      'requests-missing',
      'requests-duplicated',
      'requests-altered',
      'order-changed',
      'requests-unexpected',
    ]);
  });
});
