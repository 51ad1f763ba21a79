/** The servers that are copied from and to. */
import type { BuiltInServer, PresentServer } from '../topology/servers/servers';
import type { TopologyServer } from '../topology/types';
import { listens } from './checks';
import { serviceSteps } from './services';
import type { PlanStep } from './step';

type Kind = BuiltInServer['kind'];

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

/** @param isFenced a fence stands around it */
export function serverSteps(node: string, server: TopologyServer, isFenced: boolean): PlanStep[] {
  if (server.kind === 'service') return serviceSteps(node, server, isFenced);
  return [server.kind === 'present' ? presentStep(node, server) : builtInStep(node, server)];
}

/** It is only looked for. */
function presentStep(node: string, { port }: PresentServer): PlanStep {
  const check = listens(node, port);
  return {
    id: `server:${node}`,
    title: `server on ${node}, port ${port}: runs already`,
    action: { kind: 'command', node, argv: check.argv },
    needs: [`node:${node}`],
    checks: [check],
    undo: [],
  };
}

function builtInStep(node: string, server: BuiltInServer): PlanStep {
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
