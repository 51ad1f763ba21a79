import { defineTopology } from '../../../lab/topology/define';

const networks = { lan: { subnet: '198.18.10.0/24', internal: true } } as const;
const client = { role: 'client', network: 'lan', address: '198.18.10.10' } as const;
const online = {
  role: 'online',
  network: 'lan',
  address: '198.18.10.20',
  server: { kind: 'nginx', port: 80 },
} as const;
const testServer = {
  role: 'test',
  network: 'lan',
  address: '198.18.10.30',
  server: { kind: 'nginx', port: 80 },
} as const;
const assistant = { role: 'assistant', network: 'lan', address: '198.18.10.40' } as const;
const about = { name: 'example', description: 'An example.', networks } as const;

// The compiler is the test: each `@ts-expect-error` fails the type check when the line below it compiles.
describe('defineTopology', () => {
  test('gives back what it was given', () => {
    const topology = defineTopology({
      ...about,
      nodes: { client, online, test: testServer, assistant },
      copies: [
        { architecture: 'traditional', from: 'online', to: 'test', tcpcopy: ['-r', '20'] },
        {
          architecture: 'data-link',
          from: 'online',
          to: 'test',
          routes: [{ sources: '198.18.10.128/25', via: 'assistant' }],
        },
      ],
    });
    expect(topology.copies).toHaveLength(2);
    expect(topology.nodes['online']).toEqual(online);
  });

  test('a node on a network that does not exist does not compile', () => {
    defineTopology({
      ...about,
      // @ts-expect-error there is no network wan
      nodes: { client: { ...client, network: 'wan' } },
      copies: [],
    });
  });

  test('a role that does not exist does not compile', () => {
    defineTopology({
      ...about,
      // @ts-expect-error there is no role bridge
      nodes: { client: { ...client, role: 'bridge' } },
      copies: [],
    });
  });

  test('a copy that names a node that does not exist does not compile', () => {
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer },
      // @ts-expect-error there is no node onlin
      copies: [{ architecture: 'traditional', from: 'onlin', to: 'test' }],
    });
  });

  test('a copy from a node of another role does not compile', () => {
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer },
      // @ts-expect-error the client is not an online server
      copies: [{ architecture: 'traditional', from: 'client', to: 'test' }],
    });
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer },
      // @ts-expect-error the online server is not a test server
      copies: [{ architecture: 'traditional', from: 'online', to: 'online' }],
    });
  });

  test('a copy between nodes without servers does not compile', () => {
    const bareTest = { role: 'test', network: 'lan', address: '198.18.10.30' } as const;
    defineTopology({
      ...about,
      nodes: { client, online, test: bareTest },
      // @ts-expect-error the test node has no server
      copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
    });
  });

  test('a data-link copy without an assistant does not compile', () => {
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer, assistant },
      // @ts-expect-error the assistant is missing
      copies: [{ architecture: 'data-link', from: 'online', to: 'test' }],
    });
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer, assistant },
      copies: [
        {
          architecture: 'data-link',
          from: 'online',
          to: 'test',
          // @ts-expect-error the client is not an assistant
          routes: [{ sources: '198.18.10.128/25', via: 'client' }],
        },
      ],
    });
  });

  test('a traditional copy with routes does not compile', () => {
    defineTopology({
      ...about,
      nodes: { client, online, test: testServer, assistant },
      copies: [
        {
          architecture: 'traditional',
          from: 'online',
          to: 'test',
          // @ts-expect-error traditional copies have none
          routes: [{ sources: '198.18.10.128/25', via: 'assistant' }],
        },
      ],
    });
  });
});
