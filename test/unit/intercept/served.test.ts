import type { InterceptOptions } from '../../../src/intercept/options';
import { servedBy } from '../../../src/intercept/served';
import type { Fields, Log } from '../../../src/process/log';
import { parseAddress } from '../../../src/wire/address/address';

const QUEUE = { by: 'queue', number: 0, length: undefined } as const;
const CAPTURE = {
  by: 'capture',
  devices: ['eth0'],
  filter: undefined,
  buffer_bytes: undefined,
  packetMax_bytes: undefined,
} as const;
const at = (text: string, port = 8080) => ({ address: parseAddress(text)!, port });
const OWN = at('198.18.10.30');
const OTHER = at('198.18.10.99');

/** What an intercept at 198.18.10.30 says to a greeting, and what its log warns of. */
function intercept(caught: InterceptOptions['caught'], guarded?: readonly string[], most = 256) {
  const warnings: Fields[] = [];
  const log: Log = {
    info: () => undefined,
    warning: (event, fields) => void warnings.push({ event, ...fields }),
    error: () => undefined,
  };
  const own = { deviceOf: (address: number) => (address === OWN.address ? 'eth0' : undefined) };
  const wishes = {
    caught,
    guarded: guarded?.map((text) => parseAddress(text)!),
    peerEndpoints_max: most,
  };
  return { says: servedBy(wishes, own, log), warnings };
}

describe('on the test server', () => {
  test('what is copied are ports of its own addresses, and nobody else’s', () => {
    const { says, warnings } = intercept(QUEUE);
    expect(says([OWN, at('198.18.10.30', 9090)])).toBeUndefined();
    expect(says([OWN, OTHER])).toMatch(/may not copy to 198\.18\.10\.99:8080 .*--guarded 198\.18\.10\.99/);
    expect(warnings).toEqual([]);
  });

  test('an address that comes later may be named', () => {
    const { says } = intercept(QUEUE, ['198.18.10.99']);
    expect([says([OWN]), says([OTHER])]).toEqual([undefined, undefined]);
    expect(says([at('198.18.10.98')])).toContain('may not copy to 198.18.10.98:8080');
  });

  test('an address is one as long as it is there', () => {
    let isThere = false;
    const silent: Log = { info: () => undefined, warning: () => undefined, error: () => undefined };
    const says = servedBy(
      { caught: QUEUE, guarded: undefined, peerEndpoints_max: 1 },
      { deviceOf: () => (isThere ? 'eth0' : undefined) },
      silent,
    );
    expect(says([OTHER])).toContain('no address of this machine');
    isThere = true;
    expect(says([OTHER])).toBeUndefined();
  });
});

describe('on an assistant', () => {
  test('everything may be copied to where nothing is named, as ever, and the log warns', () => {
    const { says, warnings } = intercept(CAPTURE);
    expect(says([OTHER, at('2001:2::30')])).toBeUndefined();
    expect(warnings).toMatchObject([
      { event: 'test servers not named', next: expect.stringContaining('--guarded') },
    ]);
  });

  test('only what is named may, where something is: its own addresses are no test servers', () => {
    const { says, warnings } = intercept(CAPTURE, ['198.18.10.99']);
    expect(says([OTHER])).toBeUndefined();
    expect(says([OTHER, OWN])).toContain('--guarded of intercept does not name 198.18.10.30');
    expect(warnings).toEqual([]);
  });
});

test('a greeting with more ports than are to be proven for one tcpcopy is refused', () => {
  const { says } = intercept(QUEUE, undefined, 2);
  const three = [1, 2, 3].map((port) => at('198.18.10.30', port));
  expect(says(three.slice(1))).toBeUndefined();
  expect(says(three)).toBe(
    'it copies to 3 ports of test servers, and may to 2: see --peer-endpoints of intercept',
  );
});
