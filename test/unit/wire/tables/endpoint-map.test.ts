import { ConnectionTable } from '../../../../src/wire/tables/connection-table';
import { EndpointMap } from '../../../../src/wire/tables/endpoint-map';
import { endpointKey } from '../../../../src/wire/flow';

describe('an endpoint map', () => {
  test('holds what a Map holds, over many thousand random changes', () => {
    const map = new EndpointMap<number>();
    const model = new Map<number, number>();
    const wrong: number[] = [];
    let state = 1;
    const random = (below: number): number => (state = (state * 48271) % 0x7fffffff) % below;
    for (let change = 0; change < 60_000; change += 1) {
      // Grows to some thousands, and shrinks again.
      const growing = Math.floor(change / 10_000) % 2 === 0;
      const key = endpointKey(0xfffffff0 + random(16), random(400));
      if (random(4) === 0 ? growing : !growing) {
        map.delete(key);
        model.delete(key);
      } else {
        map.set(key, change);
        model.set(key, change);
      }
      if (map.get(key) !== model.get(key) || map.size !== model.size) wrong.push(change);
      if (change % 1000 === 0) {
        expect(new Map(map.entries())).toEqual(model);
        for (const [one, value] of model) if (map.get(one) !== value) wrong.push(change);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('finds all ports of neighbouring addresses, and holds none of them once they were deleted', () => {
    const map = new EndpointMap<string>();
    const keys = [0, 1, 0xffff_ffff].flatMap((address) =>
      Array.from({ length: 0x10000 }, (_, port) => endpointKey(address, port)),
    );
    for (const key of keys) map.set(key, `${key}`);
    expect(keys.filter((key) => map.get(key) !== `${key}`)).toEqual([]);
    for (const key of keys) map.delete(key);
    expect(map.size).toBe(0);
    expect(map.values()).toEqual([]);
  });
});

describe('a connection table', () => {
  const route = { clientAddress: 1, clientPort: 2, serverAddress: 0xc6120001, serverPort: 80 };
  const other = { ...route, serverPort: 81 };

  test('tells servers apart, also when it was asked for one that it does not know', () => {
    const table = new ConnectionTable<string>();
    expect(table.get(route)).toBeUndefined();
    table.set(route, 'one');
    expect(table.get(other)).toBeUndefined();
    table.set(other, 'other');
    expect([table.get(route), table.get(other)]).toEqual(['one', 'other']);
    table.delete(route);
    table.delete(route);
    expect([table.get(route), table.get(other)]).toEqual([undefined, 'other']);
    table.set(route, 'again');
    expect([...table.entries()]).toEqual([
      [other, 'other'],
      [route, 'again'],
    ]);
  });

  test('may change while somebody goes through it', () => {
    const table = new ConnectionTable<number>();
    const routes = Array.from({ length: 1000 }, (_, clientPort) => ({ ...route, clientPort }));
    routes.forEach((one, index) => table.set(one, index));
    const seen: number[] = [];
    for (const [one, value] of table.entries()) {
      table.delete(one);
      seen.push(value);
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(routes.map((_, index) => index));
    expect([...table.entries()]).toEqual([]);
  });
});
