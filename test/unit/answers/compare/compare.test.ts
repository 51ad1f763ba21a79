import { bytes, compared, http, redis } from './answers';

describe('two answers', () => {
  const none = { outcome: 'none', response: undefined } as const;
  const whole = { response: http(200) };

  test('differ where the test server gave none, broke off, or said something else', () => {
    expect(compared(whole, none).lines).toEqual([
      'answer no answer: whole: status 200, 0 bytes of body | none',
    ]);
    const cut = { outcome: 'cut-off', response: http(200, {}, 'ab') } as const;
    expect(compared(whole, cut).lines[0]).toMatch(/^answer broke off: .* \| broke off: status 200, 2 bytes/);
    const unreadable = { outcome: 'unreadable', response: bytes('SSH') } as const;
    expect(compared(whole, unreadable).lines[0]).toMatch(/^answer unreadable: /);
    expect(compared(whole, bytes('x')).lines).toEqual(['answer type: http | bytes']);
  });

  test('differ where only the test server gave one', () => {
    expect(compared(none, whole).lines).toEqual([
      'answer not expected: - | whole: status 200, 0 bytes of body',
    ]);
    expect(compared(none, none).verdict).toBe('same');
  });

  test('are not judged where the capture does not show both', () => {
    const open = { outcome: 'open', response: undefined } as const;
    const cut = { outcome: 'cut-off', response: undefined } as const;
    for (const [online, test] of [
      [open, whole],
      [whole, open],
      [cut, whole],
      [cut, none],
    ] as const)
      expect(compared(online, test).verdict).toBe('unjudged');
  });

  test('of which one had to be let go of are compared by what is left of it', () => {
    const short = { response: http(200, {}, 'abc', 0), shortened: true } as const;
    expect(compared(http(200, {}, 'abc'), short).verdict).toBe('same');
    expect(compared(http(200, {}, 'abd'), short).verdict).toBe('unjudged');
    expect(compared(http(404, {}, 'abd'), short).lines).toEqual(['status changed: 404 | 200']);
    const value = { response: redis('+OK\r\n'), shortened: true } as const;
    expect(compared(redis('+OK\r\n'), value).verdict).toBe('unjudged');
  });

  test('of any protocol differ by bytes, and by what lies behind those that are kept', () => {
    expect(compared(bytes('abc'), bytes('abd')).lines[0]).toMatch(
      /^body changed: byte 2 of 3: 616263 {2}abc \|/,
    );
    expect(compared(bytes('abc'), bytes('ab')).lines[0]).toMatch(/^body shorter/);
    expect(compared(bytes('abcX', 3), bytes('abcY', 3)).lines).toEqual([
      'body changed: 4 bytes | 4 bytes, another digest',
    ]);
  });

  test('of Redis differ by values; members of a set have no order', () => {
    const map = (age: number) => `%2\r\n+name\r\n+a\r\n+age\r\n:${age}\r\n`;
    expect(compared(redis(map(1)), redis(map(2))).lines).toEqual(['value:$.age changed: 1 | 2']);
    expect(compared(redis('~2\r\n+a\r\n+b\r\n'), redis('~2\r\n+b\r\n+a\r\n')).verdict).toBe('same');
    expect(compared(redis('*1\r\n$1\r\na\r\n'), redis('*2\r\n$1\r\na\r\n$1\r\nb\r\n')).lines).toEqual([
      'value:$[] longer: 1 item | 2 items',
    ]);
    expect(compared(redis('$1\r\n1\r\n'), redis('-ERR gone\r\n')).lines).toEqual([
      'value:$ type: "1" | {"error":"ERR gone"}',
    ]);
    expect(compared(redis('$-1\r\n'), redis('_\r\n')).verdict).toBe('same');
  });

  test('tell which words only the online server said, and where', () => {
    const { words } = compared(
      http(200, { 'set-cookie': 'sid=a1b2c3d4e5; Path=/' }, '<input value="tok-12345678">'),
      http(200, { 'set-cookie': 'sid=f6a7b8c9d0; Path=/' }, '<input value="tok-87654321">'),
    );
    expect(Object.fromEntries(words)).toEqual({
      a1b2c3d4e5: 'header:set-cookie:sid',
      'tok-12345678': 'text:<input value="',
    });
  });
});
