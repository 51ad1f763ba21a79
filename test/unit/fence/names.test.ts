import { answerTo, askFor, questionIn, TYPE } from '../../../lab/fence/dns';
import { Names } from '../../../lab/fence/names';
import { ANSWERS_MAX } from '../../../lab/fence/place';

const known = { online: '198.18.10.20', db: '198.19.0.3' };

/** The same question of another type. */
function ask(name: string, type: number = TYPE.a): Buffer {
  const message = askFor(name, 0x1234);
  message.writeUInt16BE(type, message.length - 4);
  return message;
}

function answered(names: Names, name: string, type: number = TYPE.a) {
  const message = ask(name, type);
  const reply = answerTo(message, names.answer(questionIn(message)!));
  const [rcode, answers] = [reply.readUInt16BE(2) & 0xf, reply.readUInt16BE(6)];
  return { reply, rcode, address: answers === 1 ? [...reply.subarray(-4)].join('.') : undefined };
}

test('a name from outside has an address of its own, which tells it again', () => {
  const names = new Names(known);
  const [first, second, again] = ['Payments.Example', 'metrics.example', 'payments.example'].map(
    (name) => answered(names, name).address!,
  );
  expect(first).not.toBe(second);
  expect(again).toBe(first);
  expect(names.nameOf(first!)).toBe('payments.example');
  expect(names.nameOf('203.0.113.77')).toBeUndefined();
});

test('who is inside is answered with his own address, and is no attempt', () => {
  const names = new Names(known);
  expect(answered(names, 'db').address).toBe('198.19.0.3');
  for (const [name, type] of [
    ['db', TYPE.a],
    ['localhost', TYPE.a],
    ['10.10.18.198.in-addr.arpa', TYPE.ptr],
  ] as const)
    expect(names.isInside({ name, type })).toBe(true);
  expect(names.isInside({ name: '8.8.8.8.in-addr.arpa', type: TYPE.ptr })).toBe(false);
});

test('a reverse lookup finds the name, or that there is none', () => {
  const names = new Names(known);
  expect(answered(names, '20.10.18.198.in-addr.arpa', TYPE.ptr).reply.toString('latin1')).toContain(
    '\x06online\0',
  );
  expect(answered(names, '8.8.8.8.in-addr.arpa', TYPE.ptr).rcode).toBe(3);
});

test('a name has no IPv6 address, which is no error', () => {
  expect(answered(new Names(known), 'payments.example', TYPE.aaaa)).toMatchObject({
    rcode: 0,
    address: undefined,
  });
});

test('when all addresses are given, the name that was asked for the longest ago gives up its own', () => {
  const names = new Names({});
  const first = answered(names, 'name-0.example').address!;
  const second = answered(names, 'name-1.example').address!;
  for (let index = 2; index < ANSWERS_MAX; index += 1) answered(names, `name-${index}.example`);
  answered(names, 'name-0.example');
  expect(answered(names, 'new.example').address).toBe(second);
  expect(names.nameOf(first)).toBe('name-0.example');
  expect(names.nameOf(second)).toBe('new.example');
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a header alone', askFor('a', 1).subarray(0, 12)],
  ['a name that does not end', askFor('a.example', 1).subarray(0, 16)],
  ['an answer', answerTo(askFor('a', 1), 'unknown')],
])('%s is no question', (_what, message) => {
  expect(questionIn(message)).toBeUndefined();
});
