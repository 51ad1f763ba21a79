/** Connections that the test server ended at a log-in which cannot be copied, in sentences. */
import type { Scene } from '../evidence/scene';
import type { StreamLedger } from '../ledger/streams/stream-ledger';
import { logInOf } from '../log-ins/all';
import { counted, type Finding } from './finding';

export function findInLogIns({ interrupted }: StreamLedger, { online, test }: Scene): Finding[] {
  const refused = interrupted.flatMap(({ client, said, at }) => {
    const logIn = logInOf(said);
    return logIn && at >= logIn.answered && at <= logIn.behind ? [{ client, at, ...logIn }] : [];
  });
  return [...new Set(refused.map(({ method }) => method))].map((method) => {
    const own = refused.filter((one) => one.method === method);
    const { client, at, mend } = own[0]!;
    const message =
      `In ${counted(own.length, 'connection')} ${test.name}:${test.port} refused a log-in that cannot be copied (${method}): ` +
      `it answers to a number that ${online.name} drew for this connection, and ${test.name} has drawn another one. ` +
      `The first is that from ${client}, which ended at byte ${at.toLocaleString('en-US')}; nothing that was said behind it was carried out.`;
    return { code: 'log-in-refused', message, mend };
  });
}
