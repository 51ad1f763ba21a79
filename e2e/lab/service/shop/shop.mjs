/** A shop that knows nothing of the lab: what it is asked for it counts, and answers in chunks. */
import { createServer } from 'node:http';

const port = Number(process.env.PORT);
let asked = 0;
createServer((request, response) => {
  let bytes = 0;
  request.on('data', (piece) => (bytes += piece.length));
  request.on('end', () => {
    asked += 1;
    response.statusCode = request.url === '/health' ? 200 : 404;
    response.write(`${request.method} ${request.url}: `);
    response.end(`${bytes} bytes, request ${asked}\n`);
  });
}).listen(port, () => process.stdout.write(`the shop is open on port ${port}\n`));
