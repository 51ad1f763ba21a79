/** A shop, or its next version, whose faults are planted: a status, a field, a byte. It plays in a node. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , port, version] = process.argv;
const isNext = version === 'next';

const ANSWERS = {
  '/users': () => [200, JSON.stringify({ name: 'Ada', at: Math.random() })],
  '/orders': () => [isNext ? 500 : 200, '{"order":7}'],
  '/list': () => [200, JSON.stringify(isNext ? { items: [1, 2] } : { items: [1, 2], total: 2 })],
  '/page': () => [200, `<p>${'x'.repeat(100_000)}\n<p>${isNext ? 'Paragraqh' : 'Paragraph'}\n`],
  '/health': () => [200, 'fine\n'],
};

writeFileSync('/tmp/asked.txt', '');

createServer((request, response) => {
  appendFileSync('/tmp/asked.txt', `${request.url}\n`);
  const [, path] = request.url.split('/');
  const [status, body] = (ANSWERS[`/${path}`] ?? (() => [404, '']))();
  const type = body.startsWith('{') ? 'application/json' : 'text/plain';
  request.resume().on('end', () => response.writeHead(status, { 'content-type': type }).end(body));
}).listen(Number(port), () => process.stderr.write('ready\n'));
