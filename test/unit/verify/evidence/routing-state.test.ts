import { blackHolesIn, settingsOnIn, waysIn } from '../../../../lab/verify/evidence/routing-state';

test('ways are those that the kernel would go', () => {
  const printed = [
    '[{"dst":"198.18.10.128","gateway":"198.18.10.40","dev":"eth0","prefsrc":"198.18.10.30","flags":[]}]',
    '[{"dst":"198.18.10.130","dev":"eth0","prefsrc":"198.18.10.30","flags":[]}]',
    '[]',
    '',
  ].join('\n');
  const destinations = ['198.18.10.128', '198.18.10.130', '198.18.10.131', '198.18.10.132'];
  expect(waysIn(printed, destinations).map(({ goes }) => goes)).toEqual([
    { kind: 'by', gateway: '198.18.10.40' },
    { kind: 'directly' },
    { kind: 'nowhere' },
    { kind: 'nowhere' },
  ]);
});

test('black holes are ranges', () => {
  expect(blackHolesIn('[{"type":"blackhole","dst":"198.18.10.128/25","metric":4096,"flags":[]}]')).toEqual([
    '198.18.10.128/25',
  ]);
  expect(blackHolesIn('[{"type":"blackhole","dst":"198.18.10.50","flags":[]}]')).toEqual(['198.18.10.50/32']);
  expect(blackHolesIn('[ ]')).toEqual([]);
  expect(blackHolesIn('')).toEqual([]);
});

test('settings that are on have their names from sysctl; those for other devices do not matter', () => {
  const printed = [
    '/proc/sys/net/ipv4/ip_forward:1',
    '/proc/sys/net/ipv4/conf/all/forwarding:0',
    '/proc/sys/net/ipv4/conf/default/forwarding:1',
    '/proc/sys/net/ipv4/conf/eth0/forwarding:1',
    '/proc/sys/net/ipv4/conf/lo/forwarding:1',
    '',
  ].join('\n');
  expect(settingsOnIn(printed)).toEqual(['net.ipv4.ip_forward', 'net.ipv4.conf.eth0.forwarding']);
});
