import { Slots } from '../../../src/control/slots';
import { sourceAddress } from '../../../src/control/source-address';

describe('slots of those who have not proven who they are', () => {
  test('are taken from the oldest of the same network', () => {
    const slots = new Slots<string>(2, 10);
    expect(['a1', 'a2', 'b1', 'a3', 'a4'].map((one) => slots.add(one[0]!, one))).toEqual([
      undefined,
      undefined,
      undefined,
      'a1',
      'a2',
    ]);
    expect([...slots].sort()).toEqual(['a3', 'a4', 'b1']);
  });

  test('are taken from the network that has most when all are taken', () => {
    const slots = new Slots<string>(3, 4);
    for (const one of ['b1', 'a1', 'a2', 'a3']) slots.add(one[0]!, one);
    expect(slots.add('c', 'c1')).toBe('a1');
    expect(slots.add('d', 'd1')).toBe('a2');
    expect(slots.size).toBe(4);
  });

  test('are free for others when somebody has gone, once', () => {
    const slots = new Slots<string>(1, 1);
    slots.add('a', 'a1');
    slots.remove('a', 'a1');
    slots.remove('a', 'a1');
    expect([slots.size, slots.add('b', 'b1'), slots.size]).toEqual([0, undefined, 1]);
  });

  test('hold no more than they should, whoever comes and goes', () => {
    const slots = new Slots<number>(4, 16);
    for (let one = 0; one < 5000; one += 1) {
      slots.add(`${(one * 7919) % 31}`, one);
      if (one % 3 === 0) slots.remove(`${((one - 3) * 7919) % 31}`, one - 3);
      expect(slots.size).toBeLessThanOrEqual(16);
      expect([...slots]).toHaveLength(slots.size);
      expect([...slots]).toContain(one);
    }
  });
});

describe('the source of a connection', () => {
  test.each([
    ['198.18.10.20', '198.18.10.20', '198.18.10.20'],
    ['::ffff:198.18.10.20', '198.18.10.20', '198.18.10.20'],
    ['2001:db8::1:0:2', '2001:db8::1:0:2', '2001:db8::'],
    ['2001:db8:0:1:9::2', '2001:db8:0:1:9::2', '2001:db8:0:1::'],
    ['fe80::1%eth0', 'fe80::1', 'fe80::'],
    [undefined, '?', '?'],
  ])('%s is %s of %s', (remote, text, network) => {
    expect(sourceAddress(remote)).toEqual({ text, network });
  });
});
