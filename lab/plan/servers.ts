/** The servers that are copied from and to. */
import type { TopologyServer } from '../topology/types';
import { listens } from './checks';
import type { PlanStep } from './step';

type Kind = TopologyServer['kind'];

const commands: Readonly<Record<Kind, (port: string) => readonly string[]>> = {
  nginx: (port) => ['serve-nginx', port],
  'nginx-http2': (port) => ['serve-nginx', port, 'http2'],
  redis: (port) => ['serve-redis', port],
};
const processes: Readonly<Record<Kind, string>> = {
  nginx: 'nginx',
  'nginx-http2': 'nginx',
  redis: 'redis-server',
};

export function serverStep(node: string, server: TopologyServer): PlanStep {
  return {
    id: `server:${node}`,
    title: `${server.kind} on ${node}, port ${server.port}`,
    action: { kind: 'command', node, argv: commands[server.kind](String(server.port)) },
    needs: [`node:${node}`],
    checks: [listens(node, server.port)],
    undo: [
      {
        title: `stop ${server.kind} on ${node}`,
        kind: 'command',
        node,
        argv: ['pkill', '-TERM', '-x', processes[server.kind]],
        checks: [],
      },
    ],
  };
}
