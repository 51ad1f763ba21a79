import { refusedSubnets, type OccupiedSubnet } from '../../../../lab/engine/labs/occupied';
import { placeAmong, type PlaceOptions } from '../../../../lab/engine/labs/place';
import { parseSubnet } from '../../../../lab/topology/addresses';
import dualStack from '../../../../topologies/dual-stack';
import traditional from '../../../../topologies/traditional';

const taken = (cidr: string, by: string, lab?: string): OccupiedSubnet => ({
  subnet: parseSubnet(cidr)!,
  by,
  ...(lab === undefined ? {} : { lab }),
});
const HOST = taken('198.18.10.0/24', 'interface eth1 of this host');
const ROUTE = taken('198.18.10.7/32', 'a route of this host by tun0');
const LAB = taken('198.18.10.0/24', 'lab mine', 'mine');

function place(options: PlaceOptions, ...occupied: OccupiedSubnet[]) {
  const notes: string[] = [];
  const placed = placeAmong(traditional, options, occupied, { note: (text) => void notes.push(text) });
  return { subnet: placed.networks['lan']!.subnet, online: placed.nodes['online']!.address, notes };
}

test('a topology stays where it is when nothing else is there', () => {
  expect(place({}, taken('10.0.0.0/8', 'a route of this host by eth0')).subnet).toBe('198.18.10.0/24');
});

test('it makes room for another lab', () => {
  expect(place({}, LAB)).toEqual({
    subnet: '198.18.100.0/24',
    online: '198.18.100.20',
    notes: ['198.18.10.0/24 is in use by lab mine; network lan moves to 198.18.100.0/24'],
  });
});

test('it goes on where the engine refuses a subnet that nobody shows yet', () => {
  const elsewhere = { ...traditional, networks: { lan: { subnet: '198.18.100.0/24', internal: true } } };
  const refused = [...refusedSubnets(traditional), ...refusedSubnets(elsewhere)];
  expect(place({}, ...refused).subnet).toBe('198.18.101.0/24');
});

test.each([HOST, ROUTE])('it is refused where its subnet is $by, with another to take', (other) => {
  expect(() => place({}, other)).toThrow(
    expect.objectContaining({
      faults: [
        expect.objectContaining({
          message: expect.stringContaining(other.by),
          mend: expect.stringContaining('--subnet 198.18.100.0/24'),
        }),
      ],
    }),
  );
});

test.each([HOST, ROUTE])('it moves where its subnet is $by, if nobody has its addresses in mind', (other) => {
  const next = taken('198.18.100.0/24', 'Docker network other');
  expect(place({ anywhere: true }, other, next)).toEqual({
    subnet: '198.18.101.0/24',
    online: '198.18.101.20',
    notes: [`198.18.10.0/24 is in use by ${other.by}; network lan moves to 198.18.101.0/24`],
  });
});

test('networks beside servers give way to everybody, also where the others are told where to go', () => {
  const beside = { subnet: '198.19.0.0/27', internal: true };
  const topology = { ...traditional, networks: { ...traditional.networks, 'online-beside': beside } };
  const others = [taken('198.19.0.0/16', 'a route of this host by tun0')];
  const placed = placeAmong(topology, { subnet: '198.18.40.0/24' }, others, { note: () => undefined });
  expect(Object.values(placed.networks).map(({ subnet }) => subnet)).toEqual([
    '198.18.40.0/24',
    '198.18.100.0/27',
  ]);
});

test('of both families that one moves which somebody uses', () => {
  const placed = placeAmong(dualStack, {}, [taken('2001:2:0:28::/64', 'lab mine', 'mine')], {
    note: () => undefined,
  });
  expect(placed.networks['lan']).toMatchObject({ subnet: '198.18.28.0/24', subnet6: '2001:2:0:100::/64' });
  expect(placed.nodes['online']).toMatchObject({ address: '198.18.28.20', address6: '2001:2:0:100::20' });
});

test('a network of both families may be told where to go in each', () => {
  const placed = placeAmong(dualStack, { subnet: '2001:2:0:7::/64' }, [], { note: () => undefined });
  expect(placed.networks['lan']!.subnet6).toBe('2001:2:0:7::/64');
  expect(() => place({ subnet: '2001:2:0:7::/64' })).toThrow('Network lan has no IPv6 that could be moved.');
});
