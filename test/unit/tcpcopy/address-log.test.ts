import { LocalAddresses } from '../../../src/kernel/netlink/local-addresses';
import type { LocalPrefix } from '../../../src/kernel/netlink/local-routes';
import type { Fields } from '../../../src/process/log';
import { AddressLog } from '../../../src/tcpcopy/address-log';
import { parseAddress } from '../../../src/wire/address/address';

const prefix = (text: string, device: string): LocalPrefix => {
  const [address = '', bits = '32'] = text.split('/');
  return { address: parseAddress(address)!, bits: Number(bits), device };
};
const FIRST = prefix('198.18.10.20', 'eth0');
const LATER = prefix('198.18.10.77', 'eth0');
const LOOPBACK = prefix('127.0.0.0/8', 'lo');

function logOf(...named: (string | undefined)[]) {
  const told: Fields[] = [];
  const tell = (event: string, fields: Fields = {}): void => void told.push({ event, ...fields });
  const log = { info: tell, warning: tell, error: tell };
  const addresses = named.map((text) => (text === undefined ? undefined : parseAddress(text)));
  const addressLog = new AddressLog(addresses, log);
  /** Tells what is new since the last call. */
  let before = new LocalAddresses([]);
  return (...prefixes: LocalPrefix[]): Fields[] => {
    const now = new LocalAddresses(prefixes);
    addressLog.tell(now, now.without(before), before.without(now));
    before = now;
    return told.splice(0);
  };
}

describe('the log of addresses', () => {
  test('names those that come and go, but for those of the loopback range', () => {
    const now = logOf(undefined);
    expect(now(LOOPBACK, FIRST)).toEqual([{ event: 'addresses came', addresses: ['198.18.10.20 on eth0'] }]);
    expect(now(LOOPBACK)).toEqual([{ event: 'addresses gone', addresses: ['198.18.10.20 on eth0'] }]);
  });

  test('says which address of -x is not there, once, and again when it left', () => {
    const now = logOf('198.18.10.77');
    const waiting = expect.objectContaining({ event: 'waiting for address', address: '198.18.10.77' });
    expect(now(FIRST)).toEqual([waiting]);
    expect(now(LOOPBACK, FIRST)).toEqual([]);
    expect(now(FIRST, LATER)).toEqual([{ event: 'addresses came', addresses: ['198.18.10.77 on eth0'] }]);
    expect(now(FIRST)).toEqual([{ event: 'addresses gone', addresses: ['198.18.10.77 on eth0'] }, waiting]);
  });

  test('finds an address of -x in a prefix that is local as a whole', () => {
    const now = logOf('198.18.12.30');
    expect(now(prefix('198.18.12.16/28', 'lo'))).toEqual([
      { event: 'addresses came', addresses: ['198.18.12.16/28 on lo'] },
    ]);
  });

  test('names some of many', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      prefix(`10.96.${index >> 8}.${index & 255}`, 'ipvs0'),
    );
    const [line] = logOf(undefined)(...many);
    expect(line!['addresses']).toHaveLength(10);
    expect(line!['more']).toBe(290);
  });
});
