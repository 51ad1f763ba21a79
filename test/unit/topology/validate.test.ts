import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TopologyError, type TopologyFault } from '../../../lab/topology/faults';
import { parseTopology } from '../../../lab/topology/rules/validate';

interface Draft {
  name: string;
  description: string;
  networks: Record<string, { subnet: string; internal: boolean }>;
  nodes: Record<string, Record<string, unknown>>;
  copies: Record<string, unknown>[];
  [extra: string]: unknown;
}

/** A valid topology, changed by `change` into whatever a test wants. */
function draft(change: (topology: Draft) => void = () => undefined): Draft {
  const topology: Draft = {
    name: 'example',
    description: 'An example.',
    networks: { lan: { subnet: '198.18.10.0/24', internal: true } },
    nodes: {
      client: { role: 'client', network: 'lan', address: '198.18.10.10' },
      online: {
        role: 'online',
        network: 'lan',
        address: '198.18.10.20',
        server: { kind: 'nginx', port: 80 },
      },
      test: { role: 'test', network: 'lan', address: '198.18.10.30', server: { kind: 'nginx', port: 8080 } },
    },
    copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  };
  change(topology);
  return topology;
}

function faultsOf(candidate: unknown): readonly TopologyFault[] {
  try {
    parseTopology(candidate, 'example');
    return [];
  } catch (error) {
    if (error instanceof TopologyError) return error.faults;
    throw error;
  }
}

test('a sound topology is accepted as it is', () => {
  expect(parseTopology(draft(), 'example')).toEqual(draft());
});

test.each(
  readdirSync(join(import.meta.dirname, '../../../topologies')).filter((file) => file.endsWith('.ts')),
)('%s is sound', async (file) => {
  const module = (await import(`../../../topologies/${file}`)) as { default: unknown };
  expect(faultsOf(module.default)).toEqual([]);
});

describe('one fault, its place, and a mend', () => {
  const cases: [string, string, RegExp, (topology: Draft) => void][] = [
    [
      'an unknown field',
      'nodes.client.adress',
      /nothing of that name/,
      (t) => (t.nodes['client']!['adress'] = 'x'),
    ],
    ['a missing field', 'nodes.client.address', /string/, (t) => delete t.nodes['client']!['address']],
    ['a name with capitals', 'name', /./, (t) => (t.name = 'Example')],
    ['an unknown role', 'nodes.client.role', /./, (t) => (t.nodes['client']!['role'] = 'bridge')],
    [
      'a port of 0',
      'nodes.test.server.port',
      /./,
      (t) => (t.nodes['test']!['server'] = { kind: 'nginx', port: 0 }),
    ],
    [
      'a port of 65536',
      'nodes.test.server.port',
      /./,
      (t) => (t.nodes['test']!['server'] = { kind: 'nginx', port: 65536 }),
    ],
    [
      'a port of 80.5',
      'nodes.test.server.port',
      /./,
      (t) => (t.nodes['test']!['server'] = { kind: 'nginx', port: 80.5 }),
    ],
    [
      'the control port',
      'nodes.test.server.port',
      /36524/,
      (t) => (t.nodes['test']!['server'] = { kind: 'nginx', port: 36524 }),
    ],
    ['a network that is open', 'networks.lan.internal', /./, (t) => (t.networks['lan']!.internal = false)],
    [
      'no network',
      'networks',
      /none/,
      (t) => {
        t.networks = {};
        t.nodes = {};
        t.copies = [];
      },
    ],
    [
      'a subnet with host bits',
      'networks.lan.subnet',
      /not a subnet/,
      (t) => (t.networks['lan']!.subnet = '198.18.10.1/24'),
    ],
    [
      'a subnet that is too small',
      'networks.lan.subnet',
      /small/,
      (t) => {
        t.networks['lan']!.subnet = '198.18.10.8/30';
        t.nodes = { client: { role: 'client', network: 'lan', address: '198.18.10.10' } };
        t.copies = [];
      },
    ],
    [
      'a network of its own accord',
      'nodes.client.network',
      /no network wan/,
      (t) => (t.nodes['client']!['network'] = 'wan'),
    ],
    [
      'a network named like a method',
      'nodes.client.network',
      /no network/,
      (t) => (t.nodes['client']!['network'] = 'toString'),
    ],
    [
      'an address that is none',
      'nodes.client.address',
      /not an IPv4/,
      (t) => (t.nodes['client']!['address'] = '198.18.10'),
    ],
    [
      'an address outside',
      'nodes.client.address',
      /outside/,
      (t) => (t.nodes['client']!['address'] = '198.18.11.10'),
    ],
    [
      'the network address',
      'nodes.client.address',
      /network .* itself/,
      (t) => (t.nodes['client']!['address'] = '198.18.10.0'),
    ],
    [
      'the broadcast address',
      'nodes.client.address',
      /broadcast/,
      (t) => (t.nodes['client']!['address'] = '198.18.10.255'),
    ],
    ['the bridge', 'nodes.client.address', /bridge/, (t) => (t.nodes['client']!['address'] = '198.18.10.1')],
    [
      'a shared address',
      'nodes.online.address',
      /node client already/,
      (t) => (t.nodes['client']!['address'] = '198.18.10.20'),
    ],
    [
      'a client that serves',
      'nodes.client.server',
      /serves nothing/,
      (t) => (t.nodes['client']!['server'] = { kind: 'redis', port: 6379 }),
    ],
    [
      'overlapping networks',
      'networks.wan.subnet',
      /overlaps network lan/,
      (t) => (t.networks['wan'] = { subnet: '198.18.10.128/25', internal: true }),
    ],
    ['a copy from nowhere', 'copies.0.from', /no node nowhere/, (t) => (t.copies[0]!['from'] = 'nowhere')],
    [
      'a copy from a client',
      'copies.0.from',
      /role client, not online/,
      (t) => (t.copies[0]!['from'] = 'client'),
    ],
    [
      'a copy to an online server',
      'copies.0.to',
      /role online, not test/,
      (t) => (t.copies[0]!['to'] = 'online'),
    ],
    [
      'a from-node without server',
      'nodes.online.server',
      /no server/,
      (t) => delete t.nodes['online']!['server'],
    ],
    [
      'data-link without a route',
      'copies.0.routes',
      /needs a route to an assistant/,
      (t) => (t.copies[0]!['architecture'] = 'data-link'),
    ],
    [
      'traditional with routes',
      'copies.0.routes',
      /has no routes/,
      (t) => (t.copies[0]!['routes'] = [{ sources: '198.18.10.128/25', via: 'client' }]),
    ],
    [
      'an option that the plan writes',
      'copies.0.tcpcopy.0',
      /written by the plan/,
      (t) => (t.copies[0]!['tcpcopy'] = ['-x', '80-1.2.3.4:80']),
    ],
    [
      'a guard by an option, which the plan writes',
      'copies.0.intercept.0',
      /--guard is written by the plan/,
      (t) => (t.copies[0]!['intercept'] = ['--guard=8080']),
    ],
    [
      'a rule where the architecture has none',
      'copies.0.guard',
      /only a traditional copy has a rule/,
      (t) => Object.assign(t.copies[0]!, { architecture: 'offline', guard: 'intercept' }),
    ],
    [
      'a word that is no option',
      'copies.0.intercept.0',
      /not an option/,
      (t) => (t.copies[0]!['intercept'] = ['fast']),
    ],
    [
      'an argument with a line break',
      'copies.0.tcpcopy.1',
      /line break/,
      (t) => (t.copies[0]!['tcpcopy'] = ['-r', '2\n0']),
    ],
    ['an empty argument', 'copies.0.tcpcopy.0', /./, (t) => (t.copies[0]!['tcpcopy'] = [''])],
    [
      'two copies from one node',
      'copies.1.from',
      /copies.0 already/,
      (t) => {
        t.nodes['test2'] = { ...t.nodes['test']!, address: '198.18.10.31' };
        t.copies.push({ architecture: 'traditional', from: 'online', to: 'test2' });
      },
    ],
  ];
  test.each(cases)('%s: %s', (_title, place, message, change) => {
    const faults = faultsOf(draft(change));
    expect(faults.map((fault) => fault.place)).toEqual([place]);
    expect(faults[0]!.message).toMatch(message);
    expect(faults[0]!.mend).not.toBe('');
  });

  test.each([
    '10.0.0.0/24',
    '192.168.1.0/24',
    '198.17.0.0/16',
    '198.20.0.0/16',
    '198.16.0.0/14',
    '0.0.0.0/0',
  ])('subnet %s is outside the range of labs', (subnet) => {
    const faults = faultsOf(draft((t) => (t.networks['lan']!.subnet = subnet)));
    expect(faults).toContainEqual(expect.objectContaining({ place: 'networks.lan.subnet' }));
  });
});

describe('the routes of a data-link copy', () => {
  /** Sound, but for what `change` does to it. */
  function routed(change: (topology: Draft) => void = () => undefined): readonly TopologyFault[] {
    return faultsOf(
      draft((t) => {
        t.nodes['client']!['address'] = '198.18.10.130';
        t.nodes['assistant'] = { role: 'assistant', network: 'lan', address: '198.18.10.40' };
        t.copies = [
          { architecture: 'data-link', from: 'online', to: 'test', routes: [routeTo('assistant')] },
        ];
        change(t);
      }),
    );
  }
  const routeTo = (via: string, sources = '198.18.10.128/25') => ({ sources, via });
  const routesOf = (t: Draft): unknown[] => t.copies[0]!['routes'] as unknown[];

  test('are accepted when every client is behind one', () => {
    expect(routed()).toEqual([]);
  });

  test.each<[string, string, RegExp, (topology: Draft) => void]>([
    [
      'to a node of another role',
      'copies.0.routes.0.via',
      /role client, not assistant/,
      (t) => (t.copies[0]!['routes'] = [routeTo('client')]),
    ],
    [
      'for something else than a range',
      'copies.0.routes.0.sources',
      /no range|not a range/,
      (t) => (t.copies[0]!['routes'] = [routeTo('assistant', '198.18.10.129/25')]),
    ],
    [
      'for addresses of another network',
      'copies.0.routes.0.sources',
      /no part of 198\.18\.10\.0\/24/,
      (t) => (t.copies[0]!['routes'] = [routeTo('assistant', '198.18.11.0/25')]),
    ],
    [
      'for the whole network',
      'copies.0.routes.0.sources',
      /no part of/,
      (t) => (t.copies[0]!['routes'] = [routeTo('assistant', '198.18.10.0/24')]),
    ],
    [
      'that would cut off a server',
      'copies.0.routes.0.sources',
      /holds node online/,
      (t) => (t.nodes['online']!['address'] = '198.18.10.140'),
    ],
    [
      'that overlap',
      'copies.0.routes.1.sources',
      /overlap/,
      (t) => routesOf(t).push(routeTo('assistant', '198.18.10.192/26')),
    ],
    [
      'that leave a client out',
      'copies.0.routes',
      /no route is for client other/,
      (t) => (t.nodes['other'] = { role: 'client', network: 'lan', address: '198.18.10.50' }),
    ],
    [
      "that leave some of a client's addresses out",
      'copies.0.routes',
      /no route is for client client/,
      (t) => (t.nodes['client']!['sources'] = '198.18.10.64/26'),
    ],
    [
      'to an assistant on another network',
      'copies.0.routes.0.via',
      /test has no way to assistant/,
      (t) => {
        t.networks['wan'] = { subnet: '198.18.11.0/24', internal: true };
        t.nodes['assistant'] = { role: 'assistant', network: 'wan', address: '198.18.11.40' };
      },
    ],
  ])('%s are refused', (_title, place, message, change) => {
    const faults = routed(change);
    expect(faults.map((fault) => fault.place)).toEqual([place]);
    expect(faults[0]!.message).toMatch(message);
  });

  test('leave clients out whose copies have other addresses', () => {
    const change = (t: Draft): void => {
      t.nodes['client']!['address'] = '198.18.10.50';
      t.copies[0]!['tcpcopy'] = ['-c', '198.18.10.200'];
    };
    expect(routed(change)).toEqual([]);
  });

  test('serve several online servers, if they are the same', () => {
    const second = (routes: unknown) => (t: Draft) => {
      t.nodes['online-2'] = { ...t.nodes['online']!, address: '198.18.10.21' };
      t.copies.push({ architecture: 'data-link', from: 'online-2', to: 'test', routes });
    };
    expect(routed(second([routeTo('assistant')]))).toEqual([]);
    const faults = routed(second([routeTo('assistant', '198.18.10.128/26')]));
    expect(faults.map(({ place }) => place)).toContain('copies.1.to');
  });
});

describe('further addresses', () => {
  test('are for clients only, and within their network', () => {
    expect(faultsOf(draft((t) => (t.nodes['client']!['sources'] = '198.18.10.128/25')))).toEqual([]);
    const wrong = [
      draft((t) => (t.nodes['client']!['sources'] = '198.18.11.0/25')),
      draft((t) => (t.nodes['online']!['sources'] = '198.18.10.128/25')),
    ].map((topology) => faultsOf(topology).map(({ place }) => place));
    expect(wrong).toEqual([['nodes.client.sources'], ['nodes.online.sources']]);
  });
});

test('all faults are told at once', () => {
  const faults = faultsOf(
    draft((t) => {
      t.nodes['client']!['address'] = '198.18.10.255';
      t.nodes['online']!['address'] = '198.18.10.30';
      t.copies[0]!['to'] = 'tset';
    }),
  );
  expect(faults.map(({ place }) => place)).toEqual([
    'nodes.client.address',
    'nodes.test.address',
    'copies.0.to',
  ]);
  const { message } = new TopologyError('example', faults);
  for (const fault of faults) expect(message).toContain(`${fault.place}: ${fault.message}`);
});

test.each([undefined, null, 42, 'text', [], {}, { nodes: [] }, { ...draft(), networks: null }])(
  'anything else (%j) is refused with places, never with a crash',
  (candidate) => {
    expect(faultsOf(candidate).length).toBeGreaterThan(0);
  },
);

test('exactly the addresses from the second to the last but one are free for nodes', () => {
  for (let host = 0; host < 256; host++) {
    const alone = draft((t) => {
      t.nodes = { client: { role: 'client', network: 'lan', address: `198.18.10.${host}` } };
      t.copies = [];
    });
    expect(faultsOf(alone)).toHaveLength(host >= 2 && host <= 254 ? 0 : 1);
  }
});
