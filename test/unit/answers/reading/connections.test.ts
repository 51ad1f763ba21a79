import { Connections } from '../../../../src/answers/reading/connections';
import type { Exchange } from '../../../../src/answers/reading/exchange';
import { emptySegmentView, viewSegment } from '../../../../src/wire/segment';
import { RecordedConnection, Recorder, type Packet } from '../world/recorder';
import { randomBy } from '../world/random';
import { answeredIn, askedIn, KEPT } from './conversation';

const CLIENT = { address: 0xc6120a0a, port: 40_000 };
const SERVER = { address: 0xc6120a14, port: 80 };
/** Their numbers go round in the middle of it. */
const [FROM, SERVER_FROM] = [2 ** 32 - 30, 2 ** 32 - 100];

interface Reading {
  readonly lines: readonly string[];
  readonly exchanges: readonly Exchange[];
  readonly connections: Connections;
}

function read(packets: readonly Packet[]): Reading {
  const exchanges: Exchange[] = [];
  const options = { kept: KEPT, isChosen: () => true, patience_s: 10 };
  const connections = new Connections(options, (exchange) => exchanges.push(exchange));
  const view = emptySegmentView();
  for (const { from, bytes, time_s } of packets) {
    expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
    if (from === 'client') connections.fromClient(view, time_s);
    else connections.fromServer(view, time_s);
  }
  connections.end();
  const lines = exchanges.map((one) => `${askedIn(one)} -> ${answeredIn(one)}`);
  return { lines, exchanges, connections };
}

const request = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
const response = (body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
const LONG = 'x'.repeat(3000);

function recorded(end: 'closed' | 'reset' | 'open' = 'closed'): Packet[] {
  const recorder = new Recorder();
  const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM, SERVER_FROM);
  connection.open(1);
  for (const [at, path] of ['/a', '/b', '/c'].entries()) {
    connection.say(2 + at, request(path));
    connection.answer(2.1 + at, response(path === '/b' ? LONG : path));
  }
  if (end === 'closed') connection.close(6);
  if (end === 'reset') connection.reset(6);
  return [...recorder.packets()];
}
const LINES = ['GET /a -> whole 200 /a', `GET /b -> whole 200 ${LONG}`, 'GET /c -> whole 200 /c'];

const payloadBytes = ({ bytes }: Packet): number => bytes.length - 40;

describe('a connection', () => {
  test('is read from SYN to FIN, with whose it is and where in the client’s stream', () => {
    const { lines, exchanges, connections } = read(recorded());
    expect(lines).toEqual(LINES);
    expect(exchanges[1]).toMatchObject({
      client: '198.18.10.10:40000',
      sequence: (FROM + request('/a').length) % 2 ** 32,
      requested_s: 3,
      first_s: 3.1,
    });
    expect(connections.counts).toMatchObject({ connections: 1, joined: 0, broken: 0, given_up: {} });
  });

  test('is the same where packets come twice and in another order', () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const random = randomBy(seed);
      const packets = recorded();
      for (let turn = 0; turn < 12; turn += 1) {
        const at = 1 + random.below(packets.length - 5);
        if (random.chance(0.5)) packets.splice(at, 0, packets[at]!);
        else packets.splice(at, 2, packets[at + 1]!, packets[at]!);
      }
      const { lines, connections } = read(packets);
      expect({ seed, lines }).toEqual({ seed, lines: LINES });
      expect(connections.counts.broken).toBe(0);
    }
  });

  test('that began before the capture is joined at its next request', () => {
    const packets = recorded();
    const second = packets.findIndex(({ time_s }) => time_s >= 3);
    const { lines, connections } = read(packets.slice(second));
    expect(lines).toEqual(LINES.slice(1));
    expect(connections.counts).toMatchObject({ connections: 1, joined: 1 });
    const inAnAnswer = packets.findIndex((packet) => packet.time_s > 3.1 && payloadBytes(packet) > 1000);
    expect(read(packets.slice(inAnAnswer)).lines).toEqual(LINES.slice(2));
  });

  test('whose answer the capture lost is not judged from there on, and counted', () => {
    const packets = recorded();
    const lost = packets.findIndex((packet) => packet.from === 'server' && payloadBytes(packet) > 1000);
    const { lines, connections } = read(packets.toSpliced(lost, 1));
    expect(lines[0]).toBe(LINES[0]);
    expect(lines.slice(1).every((line) => / -> open/.test(line))).toBe(true);
    expect(connections.counts.broken).toBe(1);
  });

  test('that is reset has what was answered before', () => {
    expect(read(recorded('reset')).lines).toEqual(LINES);
  });

  test('that ends with the capture has its last question open, and one of long ago unanswered', () => {
    const recorder = new Recorder();
    const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM, SERVER_FROM);
    connection.open(1);
    connection.say(2, request('/never'));
    expect(read(recorder.packets()).lines).toEqual(['GET /never -> open']);
    const other = new RecordedConnection(recorder, { ...CLIENT, port: 40_001 }, SERVER, 1, 1);
    other.open(30);
    expect(read(recorder.packets()).lines).toEqual(['GET /never -> none']);
  });

  test('of a port that is used again is another one', () => {
    const recorder = new Recorder();
    for (const turn of [0, 1]) {
      const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM + turn * 5000, 7 + turn);
      connection.open(1 + 10 * turn);
      connection.say(2 + 10 * turn, request(`/${turn}`));
      connection.answer(2.1 + 10 * turn, response('ok'));
      if (turn === 1) connection.close(20);
    }
    const { lines, connections } = read(recorder.packets());
    expect(lines).toEqual(['GET /0 -> whole 200 ok', 'GET /1 -> whole 200 ok']);
    expect(connections.counts.connections).toBe(2);
  });

  test('whose first word comes in pieces is still known', () => {
    const recorder = new Recorder();
    const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM, SERVER_FROM);
    connection.open(1);
    connection.say(2, request('/a').subarray(0, 2));
    connection.say(3, request('/a').subarray(2));
    connection.answer(4, response('ok'));
    connection.close(5);
    const { lines, exchanges } = read(recorder.packets());
    expect(lines).toEqual(['GET /a -> whole 200 ok']);
    expect(exchanges[0]).toMatchObject({ sequence: FROM, requested_s: 3 });
  });

  test('that is encrypted, or speaks HTTP/2, is counted', () => {
    const counts = (first: string): Connections['counts'] => {
      const recorder = new Recorder();
      const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM, SERVER_FROM);
      connection.open(1);
      connection.say(2, Buffer.from(first, 'latin1'));
      connection.answer(3, Buffer.from('what it says'));
      connection.close(4);
      return read(recorder.packets()).connections.counts;
    };
    expect(counts('\u0016\u0003\u0001\u0000')).toMatchObject({ encrypted: 1 });
    expect(counts('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatchObject({ http2: 1 });
  });

  test('that lost too much is left, and found again at its next request', () => {
    const recorder = new Recorder();
    const connection = new RecordedConnection(recorder, CLIENT, SERVER, FROM, SERVER_FROM);
    connection.open(1);
    connection.say(2, request('/a'));
    connection.answer(3, response('y'.repeat(2_000_000)));
    connection.say(4, request('/b'));
    connection.answer(5, response('ok'));
    connection.close(6);
    const packets = [...recorder.packets()];
    packets.splice(
      packets.findIndex(({ time_s }) => time_s > 3.001),
      1,
    );
    const { lines, connections } = read(packets);
    expect(lines.at(-1)).toBe('GET /b -> whole 200 ok');
    expect(lines[0]).toMatch(/^GET \/a -> open/);
    expect(connections.counts).toMatchObject({ connections: 2, joined: 1, broken: 1 });
  });
});
