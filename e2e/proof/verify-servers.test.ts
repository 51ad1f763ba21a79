/** Servers that are shipped, each with its real client, whose words are altered, dropped and doubled on their way. */
import { expect, jest } from '@jest/globals';
import { join } from 'node:path';
import type { BuildServer, Lab, Topology, TopologyFile, Verification } from '../../lab/library';
import type { Evidence } from '../../lab/verify/evidence/evidence';
import { streamsAt } from '../../lab/verify/ledger/streams/streams-at';
import { verifyLab } from '../../lab/verify/verify-lab';
import grpc from '../../topologies/grpc';
import guestbook from '../../topologies/guestbook';
import http2 from '../../topologies/http2';
import mariadb from '../../topologies/mariadb';
import memcached from '../../topologies/memcached';
import mqtt from '../../topologies/mqtt';
import postgresql from '../../topologies/postgresql';
import websocket from '../../topologies/websocket';
import { drawing } from '../stage/drawn';
import { mangle, type Mangling } from '../stage/mangle';
import { EXACT_MS, expectReasons, LOSSY_MS, messageOf, verify, withLab } from '../stage/verify-support';

jest.setTimeout(480_000);

const server = drawing('shipped servers', 1);

const folder = join(import.meta.dirname, '../../topologies');

/** Of a shell, which says each word in a connection of its own. */
const perWord = (command: string): readonly string[] => [
  'sh',
  '-ec',
  `for word in one two six; do ${command}; done`,
];

const TEXTS: Readonly<Record<Mangling, string>> = {
  alter: 'a-word-one',
  drop: 'a-word-two',
  double: 'a-word-six',
};

interface Case {
  readonly topology: TopologyFile | Topology;
  /** What its client says in three connections, each of which is known by a text. */
  readonly run: readonly string[];
  readonly texts?: Readonly<Record<Mangling, string>>;
  /** What both servers must hold in the end. */
  readonly held?: (lab: Lab, node: string) => Promise<string>;
}

/** By raw IP, which the online server's own rules reach; and with another load. */
const topologyOf = ({ topology, run }: Case): TopologyFile => {
  const [copy] = topology.copies;
  return {
    ...topology,
    copies: [{ ...copy, tcpcopy: ['--io', 'packages'] }],
    load: { node: 'client', ...topology.load, run },
  } as TopologyFile;
};

/** Where in what its client said a text first stands. */
function placeOf({ taps, scene }: Evidence, text: string): number {
  const said = streamsAt(taps, scene.online).streams.map(({ stream }) => stream.bytes());
  return said.map((bytes) => bytes.indexOf(text)).find((at) => at >= 0)!;
}

/** Of the only connection that a reason is about: its first byte that differs, how many do, and how many were said. */
function toldOf(verification: Verification, code: string): { at: number; bytes: number; said: number } {
  const told = /^In 1 connection .*: ([\d,]+) bytes? at byte ([\d,]+) of the ([\d,]+) from/.exec(
    messageOf(verification, code),
  );
  const [bytes, at, said] = told!.slice(1).map((number) => Number(number.replaceAll(',', '')));
  return { at: at!, bytes: bytes!, said: said! };
}

async function play(one: Case): Promise<void> {
  const { texts = TEXTS, held, topology } = one;
  const verifyIt = async (lab: Lab): Promise<void> => {
    const exact = await lab.verify({ patience_ms: EXACT_MS });
    expect(exact.reasons).toEqual([]);
    expect(exact).toMatchObject({ requests: { online: 3, test: 3 } });
    if (held) expect(await held(lab, 'test')).toBe(await held(lab, 'online'));

    await mangle(lab, lab.topology.nodes['test']!.server!.port, texts);
    const { verification, evidence } = await verifyLab(lab, { patience_ms: LOSSY_MS });
    expectReasons(verification, ['bytes-missing', 'bytes-duplicated', 'bytes-altered']);
    const placed = (mangling: Mangling): number => placeOf(evidence, texts[mangling]);

    const altered = toldOf(verification, 'bytes-altered');
    expect(altered.bytes).toBe(4);
    // Words change places where the segment has them, at even offsets.
    expect([placed('alter'), placed('alter') + 1]).toContain(altered.at);
    const missing = toldOf(verification, 'bytes-missing');
    expect(missing.at).toBeLessThanOrEqual(placed('drop'));
    expect(missing.at + missing.bytes).toBe(missing.said);
    const doubled = toldOf(verification, 'bytes-duplicated');
    expect(doubled.at).toBeGreaterThan(placed('double'));
    expect(doubled.at - doubled.bytes).toBeLessThanOrEqual(placed('double'));
  };
  await withLab(`e2e-${topology.name}`, topologyOf(one), verifyIt, { folder });
}

const mangled = (name: string, one: Case): void =>
  server(`what is altered, dropped and doubled on its way to ${name} is told with its places`, () =>
    play(one),
  );

mangled('memcached', {
  topology: memcached,
  run: perWord('echo "a-word-$word." > /tmp/$word; memccp --servers=online --set /tmp/$word'),
});

mangled('MariaDB', {
  topology: mariadb,
  run: perWord(`mariadb --host=online --user=lab --execute="select 'a-word-$word.'"`),
});

mangled('PostgreSQL', {
  topology: postgresql,
  run: perWord(`psql --host=online --command="select 'a-word-$word.'" postgres`),
});

mangled('HTTP/2', {
  topology: http2,
  run: perWord('curl -sS --http2-prior-knowledge -d "a-word-$word, and some more." http://online/'),
});

mangled('a WebSocket chat', {
  topology: websocket,
  run: perWord('node /opt/chat/talk.cjs ws://online:8000/a-word-$word 1 2'),
});

mangled('an MQTT broker', {
  topology: mqtt,
  run: perWord('mosquitto_pub -h online -q 1 -r -t words/$word -m "a-word-$word."'),
});

mangled('a gRPC service', {
  topology: grpc,
  run: ['python3', '/opt/orders/order.py', 'online:8000', '3', '1'],
  texts: { alter: 'of client 0', drop: 'of client 1', double: 'of client 2' },
});

mangled('a web server with its database', {
  topology: guestbook,
  run: perWord('curl -sS -d "a-word-$word." http://online:8000/'),
  held: async (lab, node) => {
    const asked = ['psql', '--command=select page, words from entries order by page, words', 'postgres'];
    return (await lab.service(node, 'database').exec(asked)).stdout.toString();
  },
});

/** Each server has a role of its own for it, and makes a number of its own of the password. */
const scram = [
  `echo "create role reader login password 'secret'" | postgres --single postgres > /dev/null`,
  `echo 'host all reader all scram-sha-256' > /tmp/hba`,
  'cat "$PGDATA/pg_hba.conf" >> /tmp/hba',
  'exec postgres -c hba_file=/tmp/hba',
].join('\n');

server(
  'a PostgreSQL that asks for a password by SCRAM: its log-in cannot be copied, and that is told',
  async () => {
    const { nodes } = postgresql;
    const asks = (name: string) => ({
      ...nodes[name]!,
      server: { ...(nodes[name]!.server as BuildServer), command: ['sh', '-ec', scram] },
    });
    const file = {
      ...postgresql,
      nodes: { ...nodes, online: asks('online'), test: asks('test') },
      load: {
        ...postgresql.load!,
        env: { PGPASSWORD: 'secret' },
        run: perWord(`psql --host=online --username=reader --command="select 'a-word-$word.'" postgres`),
      },
    } as TopologyFile;
    const verifyIt = async (lab: Lab): Promise<void> => {
      const verification = await verify(lab);
      expect(verification.reasons[0]).toMatchObject({
        code: 'log-in-refused',
        message: expect.stringMatching(
          /^In 3 connections test:5432 refused .* \(PostgreSQL, SCRAM-SHA-256\)/,
        ),
        mend: expect.stringContaining('trust'),
      });
    };
    await withLab('e2e-log-in', file, verifyIt, { folder });
  },
);

server.play();
