import { machineLines } from '../../../lab/plan/machines';
import { planFor } from '../../../lab/plan/plan';
import { renderPlan } from '../../../lab/plan/render';
import type { Topology } from '../../../lab/topology/types';
import traditional from '../../../topologies/traditional';

const server = (port: number) => ({ kind: 'present', port, protocol: 'http' }) as const;
const { client, online, test: tested } = traditional.nodes;

const topology: Topology = {
  ...traditional,
  networks: { lan: { subnet: '198.18.10.0/24', internal: false, device: 'eth1' } },
  nodes: {
    client: client!,
    online: { ...online!, on: { ssh: 'ops@shop', device: 'ens3' }, server: server(80) },
    test: { ...tested!, on: { ssh: 'ops@shop-test', device: 'ens4' }, server: server(8080) },
  },
};

test('all that is done on machines is told by machine, what is undone in the reversed order', () => {
  const lines = machineLines(topology, planFor(topology));
  expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
    'online is ops@shop (198.18.10.20 on ens3)',
    'test is ops@shop-test (198.18.10.30 on ens4)',
  ]);
  const ofTest = lines.slice(lines.indexOf('test is ops@shop-test (198.18.10.30 on ens4)'));
  const kinds = ofTest.slice(1).map((line) => line.trim().split(/\s+/).slice(0, 3).join(' '));
  expect(kinds).toEqual([
    'up by ssh',
    'up ss -ltnH',
    'up iptables -I',
    'up intercept -x',
    'verify tcpdump on',
    'down ss -K',
    'down pkill -TERM',
    'down iptables -D',
    'down by ssh',
  ]);
});

test('programs in containers of a machine, which others may have there, are neither counted nor ended', () => {
  const lines = machineLines(topology, planFor(topology)).filter((line) => line.includes('pkill'));
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toContain('pkill -TERM --ns 1 --nslist pid -f ');
  expect(renderPlan(traditional, planFor(traditional))).not.toContain('--ns');
});

test('of a lab without machines there is nothing to agree to', () => {
  expect(machineLines(traditional, planFor(traditional))).toEqual([]);
});

test('the plan of a machine starts no server, and logs into the folder of the lab', () => {
  const printed = renderPlan(topology, planFor(topology));
  expect(printed).toContain('macvlan network on eth1');
  expect(printed).not.toContain('serve-nginx');
  expect(printed).toContain('-l /opt/tcpcopy-lab/log/intercept.log -P /opt/tcpcopy-lab/run/intercept.pid -d');
});
