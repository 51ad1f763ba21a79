import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/postgresql',
  port: 5432,
  ready: { command: ['pg_isready'] },
} as const;

/** A database whose transactions are carried out once more on another one, which trusts whoever connects. */
export default defineTopology({
  name: 'postgresql',
  description: 'A PostgreSQL that is copied to a second one, byte by byte, under pgbench.',
  networks: {
    lan: { subnet: '198.18.17.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.17.10' },
    online: { role: 'online', network: 'lan', address: '198.18.17.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.17.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['pgbench', '--host=online', '--client=4', '--transactions=50', '--no-vacuum', 'postgres'],
    node: 'client',
    build: '../images/servers/postgresql',
  },
});
