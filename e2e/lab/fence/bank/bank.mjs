// A bank that asks its own headquarters about everything.
import { createServer } from 'node:http';
import { connect } from 'node:net';

createServer((_request, response) => {
  connect(443, 'headquarters.example').on('error', () => undefined);
  response.end('paid\n');
}).listen(8000);
