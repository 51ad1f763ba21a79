import { parseSubnet } from '../../../lab/topology/addresses';
import { relocate } from '../../../lab/topology/relocate';
import { validateTopology } from '../../../lab/topology/rules/validate';
import dataLink from '../../../topologies/data-link';
import routed from '../../../topologies/routed';
import traditional from '../../../topologies/traditional';

const to = parseSubnet('198.19.7.0/24')!;

test('nodes keep their place within the network', () => {
  const moved = relocate(traditional, 'lan', to);
  expect(moved.networks['lan']!.subnet).toBe('198.19.7.0/24');
  expect(moved.nodes['online']!.address).toBe('198.19.7.20');
  expect(validateTopology(moved)).toEqual([]);
});

test('there and back is where it was', () => {
  const back = relocate(relocate(traditional, 'lan', to), 'lan', parseSubnet('198.18.10.0/24')!);
  expect(back).toEqual(traditional);
});

test('routes, further addresses and ranges of sources move too', () => {
  const from = parseSubnet(dataLink.networks['lan']!.subnet)!;
  const nodes = { ...dataLink.nodes };
  nodes['client'] = { ...nodes['client']!, sources: '198.18.12.192/26' };
  const copy = { ...dataLink.copies[0]!, tcpcopy: ['-c', '198.18.12.x'] };
  const topology = { ...dataLink, nodes, copies: [copy] };
  const moved = relocate(topology, 'lan', to);
  expect(moved.copies[0]!.routes).toEqual([{ sources: '198.19.7.128/25', via: 'assistant' }]);
  expect(moved.copies[0]!.tcpcopy).toEqual(['-c', '198.19.7.x']);
  expect(moved.nodes['client']!.sources).toBe('198.19.7.192/26');
  expect(relocate(moved, 'lan', from)).toEqual(topology);
});

test('further networks move by themselves, with those who are on them', () => {
  const moved = relocate(routed, 'front', to);
  expect(moved.nodes['router']!.networks).toEqual({
    ...routed.nodes['router']!.networks,
    front: '198.19.7.2',
  });
  expect(moved.nodes['router']!.address).toBe(routed.nodes['router']!.address);
  expect(validateTopology(moved)).toEqual([]);
});

test('an address that may be called moves, and names stay', () => {
  const outside = { '198.18.10.20': 'allowed', 'telemetry.example': 'allowed' } as const;
  expect(relocate({ ...traditional, outside }, 'lan', to).outside).toEqual({
    '198.19.7.20': 'allowed',
    'telemetry.example': 'allowed',
  });
});

test('addresses in options move, others stay', () => {
  const copy = {
    ...traditional.copies[0]!,
    tcpcopy: ['-c', '198.18.10.20', '-r', '20', '-H', '203.0.113.9'],
  };
  const moved = relocate({ ...traditional, copies: [copy] }, 'lan', to);
  expect(moved.copies[0]!.tcpcopy).toEqual(['-c', '198.19.7.20', '-r', '20', '-H', '203.0.113.9']);
});
