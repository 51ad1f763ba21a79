import type { Speech } from '../../../../lab/topology/servers/speech';
import { requestCommand } from '../../../../lab/web/observe/request-command';

const online = { name: 'online', address: '198.18.10.20', addresses: ['198.18.10.20'], port: 80 };
const wanted = { copy: 'online', client: 'client', method: 'GET', target: '/a?b=[1]', body: '' };
const line = (speech: Speech, changes = {}): string =>
  requestCommand(online, speech, { ...wanted, ...changes }, 21_000).argv.join(' ');

test('a request goes out from the port by which it is looked for', () => {
  expect(line('http')).toMatch(/--local-port 21000 .*-X GET -- http:\/\/online:80\/a\?b=\[1\]$/);
});

test('a body goes in by standard input, and HEAD waits for none', () => {
  expect(requestCommand(online, 'http', { ...wanted, method: 'POST', body: '@x' }, 1)).toMatchObject({
    argv: expect.arrayContaining(['--data-binary', '@-']),
    input: '@x',
  });
  expect(line('http', { method: 'HEAD' })).toContain(' -I -- ');
});

test('every kind of server is spoken to in its own way', () => {
  expect(line('http2')).toContain('--http2-prior-knowledge');
  const { argv, input } = requestCommand(online, 'redis', { ...wanted, target: 'SET a b' }, 1);
  expect([argv.at(-1), input]).toEqual(['telnet://online:80', 'SET a b\r\nQUIT\r\n']);
});

test.each(['@test:8080/', 'x', '.evil.example/', ':8080/'])('the path %s would lead elsewhere', (target) => {
  expect(() => line('http', { target })).toThrow(expect.objectContaining({ code: 'REQUEST_UNUSABLE' }));
});
