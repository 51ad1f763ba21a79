/** The servers that are copied from and to. */
import type { TopologyServer } from '../topology/types';
import { listens } from './checks';
import type { PlanStep } from './step';

const commands = { nginx: 'serve-nginx', redis: 'serve-redis' } as const;
const processes = { nginx: 'nginx', redis: 'redis-server' } as const;

export function serverStep(node: string, server: TopologyServer): PlanStep {
  return {
    id: `server:${node}`,
    title: `${server.kind} on ${node}, port ${server.port}`,
    action: { kind: 'command', node, argv: [commands[server.kind], String(server.port)] },
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
