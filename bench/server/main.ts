/** The server program, bundled by the bench and run in a server's node in the place of its nginx. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { BENCH_LOG, lineOf } from '../records/access-log';
import { serverFor } from './serve';
import { REMARKS_FILE, type ServerTask } from './task';

const task = JSON.parse(process.argv[2]!) as ServerTask;
writeFileSync(REMARKS_FILE, '');
const server = serverFor(task, {
  heard: ({ answer, ...request }) => {
    const sent = answer === 'none' ? 0 : answer.body_bytes;
    appendFileSync(BENCH_LOG, `${lineOf({ ...request, status: 200, sent, bodyFile: undefined })}\n`);
  },
  remark: (remark, target) => appendFileSync(REMARKS_FILE, `${remark} ${target}\n`),
});
server.listen({ port: task.port, host: '0.0.0.0', backlog: 4096 });
