import { leaksIn } from '../../../../lab/web/observe/leak-watch';
import { ACK, RST } from '../../../../src/wire/tcp';
import { capture, icmp, tcp } from '../../verify/world/frames';
import { CLIENT, scene, TEST } from '../../verify/world/scene';

test('a response that got out is shown with its frame, as the audit names it', () => {
  const [leak] = leaksIn(
    capture([tcp(TEST, CLIENT, { payload: Buffer.from('HTTP/1.1 200 OK') })]),
    scene,
    'test',
    () => 1,
  );
  expect(leak).toMatchObject({ name: 'data', to: '198.18.10.10', tap: 'test' });
  expect(leak!.frame).toMatchObject({ kind: 'response', says: 'HTTP/1.1 200 OK' });
});

test('what is no segment is shown by its text', () => {
  const [leak] = leaksIn(capture([icmp('198.18.10.30', '198.18.10.10', 3, 1)]), scene, 'test', () => 1);
  expect(leak).toMatchObject({ name: 'icmp-unreachable', text: expect.stringContaining('ICMP') });
  expect(leak).not.toHaveProperty('frame');
});

test('proofs of the guard and the passlist are no leaks', () => {
  const canary = tcp(TEST, '192.0.2.1:9', { flags: RST | ACK });
  expect(leaksIn(capture([canary]), scene, 'test', () => 1)).toEqual([]);
});
