import { countsIn } from '../../../../lab/web/observe/flow-counter';

test('packets are counted by the last rule of a chain, which none that was led out before has reached', () => {
  const saved = [
    '*raw',
    ':PREROUTING ACCEPT [9:540]',
    ':watch-7-responses - [0:0]',
    '[9:540] -A OUTPUT -s 198.18.10.30/32 -o eth0 -p tcp -m tcp --sport 8080 -j watch-7-responses',
    '[9:540] -A watch-7-responses -j NFLOG --nflog-group 7 --nflog-threshold 1',
    '[2:80] -A watch-7-responses -d 198.18.10.20/32 -j RETURN',
    '[7:460] -A watch-7-responses',
    'COMMIT',
  ].join('\n');
  expect(countsIn(saved)).toEqual([['watch-7-responses', 7]]);
});
