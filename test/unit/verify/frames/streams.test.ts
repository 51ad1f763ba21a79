import { streamsTo } from '../../../../lab/verify/frames/streams';
import { parseAddress } from '../../../../src/wire/address/address';
import { ACK, RST } from '../../../../src/wire/tcp';
import { framesOf, Speaker } from '../world/conversation';
import { capture, fragment, tagged, tcp, type TestFrame } from '../world/frames';
import { CLIENT, ONLINE, TEST } from '../world/scene';

const server = { address: parseAddress('198.18.10.20')!, port: 80 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What arrived, by connection. */
const read = (...frames: TestFrame[]): string[] =>
  streamsTo(capture(frames), server).map(({ stream }) => stream.bytes().toString());

const speaker = (initialSequence?: number): Speaker => new Speaker(CLIENT, ONLINE, initialSequence);

describe('a stream', () => {
  test('is put together from its segments in order', () => {
    const it = speaker();
    expect(read(it.syn(), it.say(bytes('one ')), it.say(bytes('two')), it.fin())).toEqual(['one two']);
  });

  test('has each byte once, however often its segment was sent', () => {
    const it = speaker();
    const [syn, one, two] = [it.syn(), it.say(bytes('one ')), it.say(bytes('two'))];
    expect(read(syn, one, one, two, one, two, it.fin(), it.fin())).toEqual(['one two']);
  });

  test('is in order when its segments are not', () => {
    const it = speaker();
    const [syn, one, two, three] = [it.syn(), it.say(bytes('1')), it.say(bytes('2')), it.say(bytes('3'))];
    expect(read(syn, three, two, one)).toEqual(['123']);
    expect(read(syn, two, three, two, one)).toEqual(['123']);
  });

  test.each([
    ['behind', [0, 'abcd'], [2, 'cdef']],
    ['before, come late', [2, 'cdef'], [0, 'abcd']],
    ['within', [0, 'abcdef'], [2, 'cd']],
    ['around, come late', [2, 'cd'], [0, 'abcdef']],
    ['the same again, longer', [0, 'abc'], [0, 'abcdef']],
  ] as const)('has bytes of overlapping segments once: %s', (_, first, second) => {
    const it = speaker();
    const segment = ([offset, text]: readonly [number, string]): TestFrame => it.at(offset, bytes(text));
    expect(read(it.syn(), segment(first), segment(second))).toEqual(['abcdef']);
  });

  test('keeps what came first when a repetition has other bytes, as the receiver does', () => {
    const it = speaker();
    expect(read(it.syn(), it.at(0, bytes('abcd')), it.at(2, bytes('XXef')))).toEqual(['abcdef']);
    expect(read(it.syn(), it.at(2, bytes('cd')), it.at(2, bytes('XX')), it.at(0, bytes('ab')))).toEqual([
      'abcd',
    ]);
  });

  test('ends at a hole, and goes on when it is filled', () => {
    const it = speaker();
    const frames = [it.syn(), it.at(0, bytes('ab')), it.at(4, bytes('ef')), it.at(7, bytes('h'))];
    expect(read(...frames)).toEqual(['ab']);
    expect(read(...frames, it.at(2, bytes('cd')))).toEqual(['abcdef']);
    expect(read(...frames, it.at(2, bytes('cd')), it.at(6, bytes('g')))).toEqual(['abcdefgh']);
  });

  test.each([0xffff_ffff, 0xffff_fffe, 0xffff_fff9, 0])('goes on behind 2^32, from %i', (initialSequence) => {
    const it = speaker(initialSequence);
    const frames = [it.syn(), it.say(bytes('four')), it.say(bytes('five!')), it.say(bytes('six'))];
    expect(read(...frames)).toEqual(['fourfive!six']);
    const [syn, one, two, three] = frames;
    expect(read(syn!, three!, two!, two!, one!, three!)).toEqual(['fourfive!six']);
  });

  test('has the data that came with its SYN', () => {
    const it = speaker();
    expect(read(it.syn(bytes('early ')), it.say(bytes('late')))).toEqual(['early late']);
  });

  test('is the same when its SYN is repeated, at once or late', () => {
    const it = speaker();
    expect(read(it.syn(), it.syn(), it.say(bytes('one ')), it.syn(), it.say(bytes('two')))).toEqual([
      'one two',
    ]);
  });

  test('ends with a reset where the next byte was expected', () => {
    const it = speaker();
    const frames = [it.syn(), it.say(bytes('one'))];
    expect(read(...frames, it.at(3, bytes(''), RST), it.at(3, bytes('two')))).toEqual(['one']);
    expect(read(...frames, it.at(3, bytes(''), RST | ACK), it.at(3, bytes('two')))).toEqual(['one']);
  });

  test('does not end with a reset anywhere else', () => {
    const it = speaker();
    const frames = [it.syn(), it.say(bytes('one'))];
    for (const offset of [0, 2, 4, 100]) {
      expect(read(...frames, it.at(offset, bytes(''), RST), it.at(3, bytes('two')))).toEqual(['onetwo']);
    }
  });

  test('ends where the capture has not kept a frame whole', () => {
    const it = speaker();
    const whole = it.say(bytes('abcdef'));
    const frames = [it.syn(), { ...whole, bytes: whole.bytes.subarray(0, -2) }, it.say(bytes('gh'))];
    expect(read(...frames)).toEqual(['abcd']);
  });

  test('has no bytes of the padding behind a short frame', () => {
    const it = speaker();
    const short = it.say(bytes('a'));
    const padded = { ...short, bytes: Buffer.concat([short.bytes, Buffer.from('\0\0\0\0\0')]) };
    expect(read(it.syn(), padded, it.say(bytes('b')))).toEqual(['ab']);
  });

  test('is read in a VLAN, but not from fragments', () => {
    const it = speaker();
    const frames = [it.syn(), it.say(bytes('ab')), it.say(bytes('cd'))];
    expect(read(...frames.map((frame) => tagged(frame)))).toEqual(['abcd']);
    expect(read(frames[0]!, fragment(frames[1]!, 0))).toEqual(['']);
  });
});

describe('connections', () => {
  const say = (client: string, text: string, initialSequence?: number): TestFrame[] =>
    framesOf({
      client,
      server: ONLINE,
      pieces: [bytes(text)],
      ...(initialSequence !== undefined && { initialSequence }),
    });

  test('are told apart by the client’s end, in the order of their SYNs', () => {
    const [a, b] = [say('198.18.10.10:40000', 'a'), say('198.18.10.11:40000', 'b')];
    const interleaved = a.flatMap((frame, index) => [frame, b[index]!]);
    expect(read(...interleaved)).toEqual(['a', 'b']);
    expect(streamsTo(capture(interleaved), server)).toMatchObject([
      { clientAddress: parseAddress('198.18.10.10'), clientPort: 40000 },
      { clientAddress: parseAddress('198.18.10.11'), clientPort: 40000 },
    ]);
  });

  test('of one port, one after the other, are two', () => {
    expect(read(...say(CLIENT, 'first', 1000), ...say(CLIENT, 'second', 900_000))).toEqual([
      'first',
      'second',
    ]);
    expect(read(...say(CLIENT, 'first', 900_000), ...say(CLIENT, 'second', 1000))).toEqual([
      'first',
      'second',
    ]);
  });

  test('of one port whose sequence numbers go on are as many, whatever of the one before comes late', () => {
    const first = new Speaker(CLIENT, ONLINE, 1000);
    const opened = [first.syn(), first.say(bytes('one')), first.at(0, bytes('one'))];
    const second = new Speaker(CLIENT, ONLINE, 1000 + 3 + 2);
    const third = new Speaker(CLIENT, ONLINE, 1000 + 3 + 2 + 3 + 2);
    const late = first.at(0, bytes('one'));
    expect(
      read(
        ...opened,
        ...[second.syn(), second.syn(), late, second.say(bytes('two')), second.fin()],
        ...[third.syn(), second.at(0, bytes('two')), third.say(bytes('three')), late],
      ),
    ).toEqual(['one', 'two', 'three']);
  });

  test('whose SYN was not captured are left out', () => {
    const [, ...rest] = say(CLIENT, 'joined');
    expect(read(...rest)).toEqual([]);
  });

  test('with another server, another port or in the other direction are left out', () => {
    const toServer = (end: string): TestFrame[] =>
      framesOf({ client: CLIENT, server: end, pieces: [bytes('x')] });
    const answer = tcp(ONLINE, CLIENT, { payload: bytes('x') });
    expect(read(...toServer(TEST), ...toServer('198.18.10.20:81'), answer)).toEqual([]);
  });

  test('are not opened by the answer to a SYN', () => {
    expect(read(tcp(CLIENT, ONLINE, { flags: 0x12 }))).toEqual([]);
  });
});
