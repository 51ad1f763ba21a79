import { clientPackets, packetsForOthers, packetsThatComeBy } from '../../../src/capture/request';
import { compileEndpointFilter, compileSegmentFilter } from '../../../src/kernel/filter/endpoint-filter';
import { parseAddress } from '../../../src/wire/address/address';

const nothing = {
  devices: undefined,
  filter: undefined,
  buffer_bytes: undefined,
  packetMax_bytes: undefined,
};
const scope = { endpoints: [{ address: undefined, port: 80 }], mirrored: false, loopback: false };

test("clients' packets are captured on all devices, by a filter of our own", () => {
  expect(clientPackets(scope, nothing)).toMatchObject({
    devices: undefined,
    filter: 'tcp dst port 80',
    programs: { 4: compileEndpointFilter(scope.endpoints, 4), 6: compileEndpointFilter(scope.endpoints, 6) },
    wanted: { to: 'this-machine', loopback: false },
    packetMax_bytes: 65_575,
  });
});

test('an address that is named is asked for in the filter', () => {
  const endpoints = [...scope.endpoints, { address: parseAddress('198.18.10.20'), port: 443 }];
  expect(clientPackets({ ...scope, endpoints }, nothing)).toMatchObject({
    filter: 'tcp dst port 80 or (tcp dst port 443 and dst host 198.18.10.20)',
    programs: { 4: compileEndpointFilter(endpoints, 4) },
  });
});

test('what a mirror brings is for anybody', () => {
  const mirrored = { ...scope, mirrored: true };
  expect(clientPackets(mirrored, nothing).wanted).toEqual({ to: 'anybody', loopback: false });
  expect(packetsThatComeBy({ ...nothing, devices: ['eth1'] })).toMatchObject({
    devices: ['eth1'],
    programs: { 4: compileSegmentFilter(4), 6: compileSegmentFilter(6) },
    wanted: { to: 'anybody' },
  });
});

test('wishes go before what is found out', () => {
  const wishes = { devices: ['br0'], filter: 'tcp port 80', buffer_bytes: 2 ** 20, packetMax_bytes: 1500 };
  expect(clientPackets(scope, wishes)).toMatchObject({ ...wishes, programs: undefined });
});

test('`any` stands for all devices, also among others', () => {
  expect(clientPackets(scope, { ...nothing, devices: ['any'] }).devices).toBeUndefined();
  expect(packetsForOthers({ ...nothing, devices: ['eth0', 'any'] }).devices).toBeUndefined();
});

test('what is for others comes in by every device, unless some are named', () => {
  expect(packetsForOthers(nothing)).toMatchObject({
    devices: undefined,
    filter: 'tcp',
    wanted: { to: 'others' },
  });
  const wishes = { ...nothing, devices: ['eth1'], filter: 'tcp and src port 8080' };
  expect(packetsForOthers(wishes)).toMatchObject({
    devices: ['eth1'],
    filter: 'tcp and src port 8080',
    programs: undefined,
  });
});
