/** What the ledger of streams shows, in sentences. */
import type { ProgramCounters } from '../evidence/copy-state';
import type { Doubt } from '../evidence/doubt';
import type { Moments } from '../evidence/evidence';
import type { Scene } from '../evidence/scene';
import type { DifferenceKind } from '../ledger/streams/stream-difference';
import type { StreamDeviation, StreamLedger } from '../ledger/streams/stream-ledger';
import { counted, type Finding, type FindingCode } from './finding';
import { lossesOf } from './losses';

const EXAMPLES_MAX = 3;

const kinds: Readonly<Record<DifferenceKind, { code: FindingCode; tell: (server: string) => string }>> = {
  missing: {
    code: 'bytes-missing',
    tell: (server) => `bytes that the online server got never reached ${server}`,
  },
  duplicated: { code: 'bytes-duplicated', tell: (server) => `${server} got bytes more than once` },
  altered: { code: 'bytes-altered', tell: (server) => `${server} got other bytes than were said` },
  unexpected: { code: 'bytes-unexpected', tell: (server) => `${server} got bytes that nobody said` },
};

export function findInStreams(
  { deviations }: StreamLedger,
  { test: { name, port } }: Scene,
  tcpcopy: Moments<ProgramCounters>,
): Finding[] {
  return (Object.keys(kinds) as DifferenceKind[]).flatMap((kind) => {
    const own = deviations.filter((deviation) => deviation.kind === kind);
    if (own.length === 0) return [];
    const { code, tell } = kinds[kind];
    const losses = kind === 'missing' ? lossesOf(tcpcopy) : '';
    const message = `In ${counted(own.length, 'connection')} ${tell(`${name}:${port}`)}: ${some(own)}.${losses}`;
    return [{ code, message }];
  });
}

/** What may have been carried out, or not: only the test server knows. */
export function notesInStreams(
  { doubtful }: StreamLedger,
  { told }: Doubt,
  { test: { name, port } }: Scene,
): Finding[] {
  if (told === 0) return [];
  const are = told === 1 ? 'is' : 'are';
  const lost = doubtful.length === 0 ? '' : ` Bytes of them are not there: ${some(doubtful)}.`;
  return [
    {
      code: 'requests-doubtful',
      message: `${counted(told, 'request')} ${are} in doubt: ${name}:${port} ended the connection before it answered.${lost}`,
      mend: 'its log tells what it carried out; tcpcopy --repeat-doubtful sends such requests again',
    },
  ];
}

const some = (deviations: readonly StreamDeviation[]): string =>
  `${deviations.slice(0, EXAMPLES_MAX).map(textOf).join('; ')}${deviations.length > EXAMPLES_MAX ? '; …' : ''}`;

/** Offsets count from 0, as in Wireshark's stream of a connection. */
function textOf({ client, at, bytes, said }: StreamDeviation): string {
  if (said === 0) return `${counted(bytes, 'byte')} from ${client}, which the online server never saw`;
  return `${counted(bytes, 'byte')} at byte ${at.toLocaleString('en-US')} of the ${said.toLocaleString('en-US')} from ${client}`;
}
