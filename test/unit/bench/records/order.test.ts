import { disorderedIn } from '../../../../bench/records/order';

const said = (...words: string[]) => words.map((request) => ({ connection: request[0]!, request }));

describe('the order within a connection', () => {
  test('is kept, however connections mingle, and whichever connections bring them', () => {
    expect(disorderedIn(said('a1', 'b1', 'a2', 'b2'), ['b1', 'b2', 'a1', 'a2'])).toEqual([]);
  });

  test('is not kept by what comes behind its successor', () => {
    expect(disorderedIn(said('a1', 'a2', 'a3', 'b1'), ['a1', 'a3', 'b1', 'a2'])).toEqual(['a2']);
    expect(disorderedIn(said('a1', 'a2', 'a3'), ['a3', 'a2', 'a1'])).toEqual(['a1', 'a2']);
  });

  test('is that of first arrivals, and not broken by what never came or was never said', () => {
    expect(disorderedIn(said('a1', 'a2', 'a3'), ['a1', 'x', 'a3', 'a1'])).toEqual([]);
  });
});
