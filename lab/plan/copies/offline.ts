/** Copies from a capture: the guard and intercept are the plan's, recording and playing are done by hand. */
import type { Topology, TopologyCopy } from '../../topology/types';
import type { Check, ManualStep, PlanStep } from '../step';
import type { Family } from '../../topology/addresses';
import { familiesOf } from '../../topology/families';
import { deviceOf } from '../../topology/machines';
import { ipOf } from '../families';
import { inBackground } from '../flavour';
import { wayOutId } from '../networks/networks';
import { named } from '../parts';
import { transferOf } from './transfer';
import { traditionalSteps } from './traditional';

const capture = 'online.pcap';

export function offlineSteps(topology: Topology, copies: readonly TopologyCopy[]): PlanStep[] {
  const [copy] = copies as readonly [TopologyCopy];
  const test = named(topology, copy.to);
  const steps = traditionalSteps(topology, copies, 'ours').steps;
  const [guards, intercept] = [steps.slice(0, -1), steps.at(-1)!];
  const routes = familiesOf(topology, copy).map((family): PlanStep => ({
    id: `route:${test.name}${family === 6 ? ':6' : ''}`,
    title: `route on ${test.name}: responses to clients that are not here end on it`,
    // Without any route there would be no response that the guard could take.
    action: {
      kind: 'command',
      node: test.name,
      argv: [...ipOf(family), 'route', 'replace', 'default', 'dev', 'lo'],
    },
    needs: [family === 6 ? wayOutId(test.name) : `node:${test.name}`],
    checks: [defaultEndsOn(test.name, family)],
    undo: [],
  }));
  return [
    ...routes,
    ...guards,
    {
      ...intercept,
      action: {
        kind: 'command',
        node: test.name,
        argv: ['intercept', ...(copy.intercept ?? []), ...inBackground('ours', 'intercept', test)],
      },
      needs: [...guards, ...routes].map(({ id }) => id),
    },
  ];
}

/** What a person does with a copy from a capture, once the lab is up. */
export function offlineByHand(topology: Topology, copy: TopologyCopy): ManualStep[] {
  const online = named(topology, copy.from);
  const test = named(topology, copy.to);
  const transfer = transferOf(topology, copy);
  const filter = ['tcp', 'and', 'port', String(online.server!.port)];
  return [
    {
      title: `record on ${online.name} while clients use it, until Ctrl-C`,
      node: online.name,
      argv: ['tcpdump', '-i', deviceOf(online), ...filter, '-s', '0', '-w', `/tmp/${capture}`],
    },
    { title: `copy /tmp/${capture} from ${online.name} to ${test.name}` },
    {
      title: `play it on ${test.name}`,
      node: test.name,
      argv: ['tcpcopy', '-i', `/tmp/${capture}`, '-x', transfer, ...(copy.tcpcopy ?? [])],
    },
  ];
}

/** Addresses that no lab has (RFC 5737, RFC 3849). */
const ELSEWHERE = { 4: '203.0.113.1', 6: '2001:db8::1' } as const;

function defaultEndsOn(node: string, family: Family): Check {
  return {
    holds: `packets of ${node} to addresses that are not here end on it`,
    node,
    argv: ['ip', 'route', 'get', ELSEWHERE[family]],
    expect: { stdout: ' dev lo ' },
    within_ms: 5_000,
  };
}
