import { standingFilters } from '../../../src/barrier/egress';

const CODE = '1,6 0 0 4294967295';
/** As tc of iproute2 6.1 prints two intercepts' nets of the same ports on one device. */
const SHOWN = `filter protocol ip pref 4141 bpf chain 0
filter protocol ip pref 4141 bpf chain 0 handle 0x2 direct-action not_in_hw bytecode '${CODE}'
filter protocol ip pref 4141 bpf chain 0 handle 0x1 direct-action not_in_hw bytecode '${CODE}'
`;

test('what another intercept has put on a device is none of ours, though it says the same', () => {
  expect(standingFilters(SHOWN, '0x1', CODE)).toBe(1);
  expect(standingFilters(SHOWN, '0x2', CODE)).toBe(1);
  expect(standingFilters(SHOWN, '0x3', CODE)).toBe(0);
});

test('a filter of ours that says something else does not stand', () => {
  expect(standingFilters(SHOWN, '0x1', '1,6 0 0 2')).toBe(0);
});

test('releases of tc that print the bytecode before the way it is used are read, too', () => {
  const line = `filter protocol ip pref 4141 bpf chain 0 handle 0x1 bytecode '${CODE}' direct-action not_in_hw`;
  expect(standingFilters(line, '0x1', CODE)).toBe(1);
});
