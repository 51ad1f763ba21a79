import { OnlineAnswers } from '../../../../src/answers/online/online-answers';
import { emptySegmentView, type SegmentView } from '../../../../src/wire/segment';
import { ACK, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';

const [CLIENT, ONLINE] = [0xc612_0a0a, 0xc612_0a14];
const TRANSFER = { onlineAddress: undefined, onlinePort: 80 };
/** Numbers that wrap soon. */
const [SAID, GIVEN] = [0xffff_fff0, 0xffff_ff00];

type Fields = Partial<Pick<SegmentView, 'flags' | 'sequence' | 'acknowledgment' | 'payloadLength'>>;

/** A connection with the online server, of which offsets are spoken from 0 on, and what is told of it. */
function watching() {
  const told: [string, number, number][] = [];
  const answers = new OnlineAnswers([TRANSFER], {
    answered: (_, by, first_ms, last_ms) => told.push([by, first_ms, last_ms]),
  });
  const view = (fromServer: boolean, fields: Fields): SegmentView => ({
    ...emptySegmentView(),
    source: fromServer ? ONLINE : CLIENT,
    destination: fromServer ? CLIENT : ONLINE,
    sourcePort: fromServer ? 80 : 40_000,
    destinationPort: fromServer ? 40_000 : 80,
    flags: ACK,
    ...fields,
  });
  const client = (at_ms: number, from: number, bytes: number, read: number, flags = ACK | PSH): void =>
    answers.client(
      view(false, {
        flags,
        sequence: (SAID + from) >>> 0,
        payloadLength: bytes,
        acknowledgment: (GIVEN + read) >>> 0,
      }),
      at_ms,
    );
  const server = (at_ms: number, from: number, bytes: number, heard: number, flags = ACK | PSH): void =>
    answers.server(
      view(true, {
        flags,
        sequence: (GIVEN + from) >>> 0,
        payloadLength: bytes,
        acknowledgment: (SAID + heard) >>> 0,
      }),
      at_ms,
    );
  const begin = (): void => client(0, -1, 0, 0, SYN);
  return { answers, told, client, server, begin };
}

describe('the times of the online server', () => {
  test('are from the last byte of a request to the first and to the last payload of its answer', () => {
    const { told, client, server, begin } = watching();
    begin();
    server(1, -1, 0, 0, SYN | ACK);
    client(10, 0, 3, 0);
    client(12, 3, 2, 0);
    server(13, 0, 0, 5, ACK);
    server(20, 0, 300, 5);
    server(27, 300, 50, 5);
    client(28, 5, 0, 350, ACK);
    expect(told).toEqual([]);
    client(40, 5, 3, 350);
    server(41, 350, 10, 8, ACK | PSH | FIN);
    expect(told).toEqual([
      ['packets', 8, 15],
      ['packets', 1, 1],
    ]);
  });

  test('are at most when the client acknowledged that, where the server is not seen', () => {
    const { told, client, begin } = watching();
    begin();
    client(2, 0, 0, 0, ACK);
    client(10, 0, 5, 0);
    client(21, 5, 0, 300, ACK);
    client(29, 5, 0, 350, ACK);
    client(40, 5, 3, 350);
    client(52, 8, 3, 400);
    expect(told).toEqual([
      ['acknowledgments', 11, 19],
      ['acknowledgments', 12, 12],
    ]);
  });

  test('do not take the end of a connection for an answer, nor for the last byte of one', () => {
    const { answers, told, client, begin } = watching();
    begin();
    client(2, 0, 0, 0, ACK);
    client(10, 0, 5, 0);
    client(21, 5, 0, 300, ACK);
    client(60_000, 5, 0, 301, ACK);
    client(60_001, 5, 0, 301, ACK | FIN);
    begin();
    client(70_002, 0, 0, 0, ACK);
    client(70_010, 0, 5, 0);
    client(70_020, 5, 0, 1, ACK);
    client(70_021, 5, 0, 1, ACK | RST);
    expect(told).toEqual([['acknowledgments', 11, 11]]);
    expect(answers.counters).toMatchObject({ online_answers_timed: 1, online_answers_missing: 1 });
  });

  test('know an answer of one byte by what its client says then', () => {
    const { told, client, begin } = watching();
    begin();
    client(2, 0, 0, 0, ACK);
    client(10, 0, 5, 0);
    client(14, 5, 0, 1, ACK);
    client(30, 5, 5, 1);
    expect(told).toEqual([['acknowledgments', 4, 4]]);
  });

  test('are not counted from what is said or given again', () => {
    const { told, client, server, begin } = watching();
    begin();
    client(10, 0, 5, 0);
    server(20, 0, 100, 5);
    client(22, 0, 5, 0);
    server(200, 0, 100, 5);
    client(300, 5, 5, 100);
    expect(told).toEqual([['packets', 10, 10]]);
  });

  test('do not begin with what the server said before it heard the request', () => {
    const { told, client, server, begin } = watching();
    begin();
    client(10, 0, 5, 0);
    server(11, 0, 100, 0);
    server(30, 100, 100, 5);
    client(40, 5, 5, 200);
    expect(told).toEqual([['packets', 20, 20]]);
  });

  test('of a connection that began before are told from its next request on', () => {
    const { told, client, server } = watching();
    client(10, 0, 5, 0);
    server(20, 0, 100, 5);
    client(30, 5, 5, 100);
    server(33, 100, 100, 10);
    client(50, 10, 5, 200);
    expect(told).toEqual([['packets', 3, 3]]);
  });

  test('are of what is copied only', () => {
    const { answers } = watching();
    const view = { ...emptySegmentView(), destinationPort: 81, flags: SYN };
    answers.client(view, 0);
    answers.end();
    expect(answers.counters.online_answers_missing).toBe(0);
  });

  test('count what is not answered at the end', () => {
    const { answers, told, client, begin } = watching();
    begin();
    client(10, 0, 5, 0);
    answers.end();
    expect(told).toEqual([]);
    expect(answers.counters.online_answers_missing).toBe(1);
  });

  test('are not told of connections that nobody speaks on any more', () => {
    const { answers, client, begin } = watching();
    begin();
    client(10, 0, 5, 0);
    const another = { ...emptySegmentView(), source: CLIENT, sourcePort: 1, destinationPort: 80, flags: SYN };
    answers.client(another, 1_000_000);
    expect(answers.counters.online_answers_missing).toBe(1);
  });
});
