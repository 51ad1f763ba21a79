import { Copied } from '../../../src/session/copied';
import { EngineState } from '../../../src/session/engine-state';
import { SYN } from '../../../src/wire/tcp';
import { ONLINE, segment, TEST } from './copying';

const transfer = { onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: 8080 };
const outputs = {
  send: () => undefined,
  register: () => undefined,
  unregister: () => undefined,
  abandon: () => undefined,
};

test('of a machine that has a whole prefix for itself nothing grows with the addresses that clients choose', () => {
  const copied = new Copied(new EngineState({ transfers: [transfer] }, outputs), transfer);
  const view = { ...segment({ flags: SYN }) };
  const keys = new Set<number>();
  for (let address = 0; address < 10_000; address += 1) {
    view.destination = ONLINE + address;
    copied.lanesFor(view);
    keys.add(copied.keyOf(view));
  }
  expect(copied.lanes().length).toBeLessThanOrEqual(16);
  // Of the first ones each has a place of its own: 16 of them in each lane.
  expect(keys.size).toBe(16);
  const first = copied.lanesFor({ ...view, destination: ONLINE });
  const last = copied.lanesFor({ ...view, destination: ONLINE + 255 });
  expect(first).not.toBe(last);
});
