import { clientPackets, incomingPackets } from '../../../src/capture/request';
import { compileEndpointFilter } from '../../../src/kernel/socket-filter';
import { parseAddress } from '../../../src/wire/flow';

const address = (text: string): number => parseAddress(text)!;
const local = [
  { device: 'lo', address: address('127.0.0.1'), text: '127.0.0.1', loopback: true },
  { device: 'eth0', address: address('198.18.10.20'), text: '198.18.10.20', loopback: false },
  { device: 'eth1', address: address('198.18.11.20'), text: '198.18.11.20', loopback: false },
];
const nothing = {
  devices: undefined,
  filter: undefined,
  buffer_bytes: undefined,
  packetMax_bytes: undefined,
};
const scope = { endpoints: [{ address: undefined, port: 80 }], loopback: false };

test("clients' packets are captured where they come in, by a filter of our own", () => {
  const request = clientPackets(scope, nothing, local);
  expect(request).toMatchObject({
    devices: ['eth0', 'eth1'],
    filter: 'tcp dst port 80',
    program: compileEndpointFilter(scope.endpoints),
    packetMax_bytes: 65_535,
  });
});

test('wishes go before what is found out', () => {
  const wishes = { devices: ['br0'], filter: 'tcp port 80', buffer_bytes: 2 ** 20, packetMax_bytes: 1500 };
  expect(clientPackets(scope, wishes, local)).toMatchObject({ ...wishes, program: undefined });
});

test('a device that is named needs no address of this machine', () => {
  const elsewhere = { endpoints: [{ address: address('192.0.2.1'), port: 80 }], loopback: false };
  expect(() => clientPackets(elsewhere, nothing, local)).toThrow('no network device');
  expect(clientPackets(elsewhere, { ...nothing, devices: ['br0'] }, local).devices).toEqual(['br0']);
});

test('responses come in by every device with an address, unless some are named', () => {
  expect(incomingPackets(nothing, local)).toMatchObject({ devices: ['eth0', 'eth1'], filter: 'tcp' });
  const wishes = { ...nothing, devices: ['eth1'], filter: 'tcp and src port 8080' };
  expect(incomingPackets(wishes, local)).toMatchObject({
    devices: ['eth1'],
    filter: 'tcp and src port 8080',
    program: undefined,
  });
});
