/** A shop whose answers are never the same twice, and that has the faults which it is told to have. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const port = Number(process.env.PORT);
/** Kind of fault by path. */
let faults = {};

const answers = {
  '/users': () => ({ id: 7, name: 'Ada', seen: new Date().toISOString(), session: randomUUID() }),
  '/orders': () => ({ order: randomUUID(), state: 'new' }),
  '/list': () => ({ items: Array.from({ length: 20 }, (_, at) => ({ at, token: randomUUID() })), total: 20 }),
  '/page': () => `<p>Welcome\n<input value="${randomUUID()}">\n<p>Paragraph\n`,
  '/health': () => 'fine\n',
};

function answer(request, response, path) {
  const made = (answers[path] ?? (() => 'nothing here\n'))();
  const fault = faults[path];
  if (fault === 'field') delete made.total;
  let body = typeof made === 'string' ? made : JSON.stringify(made);
  if (fault === 'byte') body = body.replace('Paragraph', 'Paragraqh');
  response.statusCode = fault === 'status' ? 500 : 200;
  response.setHeader('content-type', typeof made === 'string' ? 'text/plain' : 'application/json');
  response.setHeader('x-request-id', randomUUID());
  if (fault === 'unanswered') request.socket.destroy();
  else setTimeout(() => response.end(body), fault === 'slow' ? 30 : 3);
}

createServer((request, response) => {
  let said = '';
  request.on('data', (piece) => (said += piece));
  request.on('end', () => {
    const path = `/${request.url.split('/')[1]}`;
    if (path !== '/faults') answer(request, response, path);
    else {
      faults = JSON.parse(said);
      response.end();
    }
  });
}).listen(port, () => process.stdout.write(`the shop is open on port ${port}\n`));
