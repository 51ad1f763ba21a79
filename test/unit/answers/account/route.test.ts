import { requestText, routeOf, routeText } from '../../../../src/answers/account/route';
import type { Request } from '../../../../src/answers/reading/exchange';
import { bodyOf } from '../../../../src/answers/reading/body';
import { request, rulesOf } from '../compare/answers';

const command = (...words: string[]): Request => ({ protocol: 'redis', words });
const said = (text: string): Request => ({ protocol: 'bytes', body: bodyOf(Buffer.from(text)) });
const shown = (one: Request, redact: string[] = []) => requestText(one, rulesOf({ redact }).redact);

describe('the route of a request', () => {
  test.each([
    ['/', 'GET /'],
    ['/users/17?a=1', 'GET /users/{id}'],
    ['/users/17/', 'GET /users/{id}/'],
    ['http://host:80/a/b?c#d', 'GET /a/b'],
    ['/v2/files/9b2c4f4e-62a3-4c8e-b1b5-0d6f1a2b3c4d', 'GET /v2/files/{id}'],
    ['/a/0af7651916cd43dd8448eb211c80319c', 'GET /a/{id}'],
    ['/assets/app.js', 'GET /assets/app.js'],
    [`/${'a/'.repeat(20)}`, `GET ${'/a'.repeat(11)}/…`],
  ])('is its method and path, ids folded: %s', (target, route) => {
    expect(routeText(routeOf(request(target)))).toBe(route);
  });

  test('of Redis is its command and key, and of other bytes nothing', () => {
    expect(routeText(routeOf(command('get', 'user:17:name')))).toBe('GET user:{id}:name');
    expect(routeText(routeOf(command('PING')))).toBe('PING');
    expect(routeText(routeOf(said('hello')))).toBe('bytes');
  });

  test.each([
    ['AUTH', 'secret'],
    ['HELLO', 'secret'],
    ['eval', 'return "secret"'],
    ['CONFIG', 'secret'],
  ])('has no words that are no key: %s', (...words) => {
    const one = command(...words, 'more secret');
    expect(`${routeText(routeOf(one))} ${shown(one)}`).not.toContain('secret');
  });
});

describe('a request as it is shown', () => {
  test('is cut, and says how much is left out', () => {
    expect(shown(request('/a?b=1'))).toBe('GET /a?b=1');
    expect(shown(request(`/${'a'.repeat(5000)}`))).toMatch(/ … \(5005 characters\)$/);
    expect(shown(command('SET', 'a', 'value'))).toBe('SET a (and 1 more)');
    expect(shown(said('a\u0000b'))).toBe('3 bytes: a·b');
    expect(shown(said('abc'), ['body'])).toBe('3 bytes (redacted)');
  });
});
