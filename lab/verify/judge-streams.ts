/** The ledger of streams of bytes, judged. */
import type { Doubt } from './evidence/doubt';
import type { Evidence, OwnLoad } from './evidence/evidence';
import { passlistOf } from './evidence/passlist-of';
import type { Finding } from './findings/finding';
import { findInLogIns } from './findings/in-log-ins';
import { findInStreams, notesInStreams } from './findings/in-streams';
import { familyOf, parseAddress } from '../../src/wire/address/address';
import type { LedgerJudgement } from './ledger-judgement';
import { streamLedgerOf, type StreamDeviation, type StreamLedger } from './ledger/streams/stream-ledger';
import { streamsAt, type StreamsAt } from './ledger/streams/streams-at';

/** @param growth of tcpcopy's counters */
export function judgeStreams(
  { scene, taps, counters }: Evidence,
  load: OwnLoad,
  growth: Readonly<Record<string, number>>,
  doubt: Doubt,
): LedgerJudgement {
  const online = streamsAt(taps, scene.online);
  const test = streamsAt(taps, scene.test, passlistOf(scene));
  const ledger = streamLedgerOf({
    online: online.streams,
    test: test.streams,
    joined: online.joined,
    doubt,
    saidAgain: growth['requests_said_again'] ?? 0,
  });
  const texts = (deviations: readonly StreamDeviation[], kind?: StreamDeviation['kind']): string[] =>
    deviations.filter((one) => kind === undefined || one.kind === kind).map(textOf);
  const identities = {
    missing: texts(ledger.deviations, 'missing'),
    duplicated: texts(ledger.deviations, 'duplicated'),
    altered: texts(ledger.deviations, 'altered'),
    unexpected: texts(ledger.deviations, 'unexpected'),
    doubtful: texts(ledger.doubtful),
    reordered: [],
  };
  return {
    families: scene.online.addresses.map((address) => {
      const family = familyOf(parseAddress(address)!);
      const of = ({ streams }: StreamsAt): number =>
        streams.filter(({ clientAddress }) => familyOf(clientAddress) === family).length;
      return { family, online: of(online), test: of(test) };
    }),
    counts: {
      sent: ledger.connections,
      online: ledger.connections,
      test: ledger.arrived,
      missing: identities.missing.length,
      duplicated: identities.duplicated.length,
      altered: identities.altered.length,
      unexpected: identities.unexpected.length,
      doubtful: identities.doubtful.length,
      reordered: 0,
    },
    identities,
    findings: [...findInLogIns(ledger, scene), ...findInStreams(ledger, scene, counters.tcpcopy)],
    loadFindings: findInLoad(load, ledger),
    recordFindings: [],
    notes: notesInStreams(ledger, doubt, scene),
    leftOut: undefined,
    streams: { online: ledger.bytes, test: ledger.arrivedBytes },
    connections: ledger.connections,
    duration_ms: Math.round(load.duration_ms),
  };
}

const textOf = ({ client, at, said }: StreamDeviation): string => `${client} byte ${at} of ${said}`;

function findInLoad({ argv, node, exitCode, output }: OwnLoad, { connections }: StreamLedger): Finding[] {
  const command = `\`${argv.join(' ')}\` on ${node}`;
  const last = output === '' ? 'It said nothing.' : `Its last lines:\n${output}`;
  if (exitCode === undefined)
    return [
      {
        code: 'load-failed',
        message: `${command} did not end in its time. ${last}`,
        mend: 'give it more (load.within_ms), or less to do',
      },
    ];
  if (exitCode !== 0)
    return [{ code: 'load-failed', message: `${command} ended with status ${exitCode}. ${last}` }];
  if (connections > 0) return [];
  return [
    {
      code: 'load-failed',
      message: `${command} said nothing to the online server, so nothing is proven. ${last}`,
      mend: 'nodes are known by their names: let it speak to the node that is copied from',
    },
  ];
}
