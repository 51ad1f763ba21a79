import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/mariadb',
  port: 3306,
  ready: { command: ['mariadb-admin', '--user=lab', 'ping'] },
} as const;

/** A database that speaks first, and a user without a password. */
export default defineTopology({
  name: 'mariadb',
  description: 'A MariaDB that is copied to a second one, byte by byte, under mysqlslap.',
  networks: {
    lan: { subnet: '198.18.18.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.18.10' },
    online: { role: 'online', network: 'lan', address: '198.18.18.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.18.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: [
      'mysqlslap',
      '--host=online',
      '--user=lab',
      '--auto-generate-sql',
      '--concurrency=4',
      '--number-of-queries=200',
    ],
    node: 'client',
    build: '../images/servers/mariadb',
  },
});
