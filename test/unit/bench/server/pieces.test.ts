import { piecesOf, RequestReader, requestLineOf } from '../../../../bench/server/pieces';

describe('requests', () => {
  const heads = ['GET /1 HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /2 HTTP/1.1\r\n\r\n'];

  test.each([1, 2, 3, 7, 100])('are whole however they come, %i bytes at a time', (length) => {
    const reader = new RequestReader();
    const text = heads.join('');
    const found: string[] = [];
    for (let at = 0; at < text.length; at += length) found.push(...reader.add(text.slice(at, at + length)));
    expect(found).toEqual(heads);
  });

  test('name a method and a target', () => {
    expect(requestLineOf(heads[0]!)).toEqual(['GET', '/1']);
  });
});

describe('answers', () => {
  test.each([1, 2, 3, 7])('are the same in %i pieces', (pieces) => {
    const found = piecesOf({ body_bytes: 100, pieces });
    expect(found).toHaveLength(pieces);
    expect(found.join('')).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 100\r\n\r\nx{100}$/);
  });
});
