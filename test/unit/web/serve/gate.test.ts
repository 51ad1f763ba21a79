import { admit, cookieOf, type Knock } from '../../../../lab/web/serve/gate';

const door = { port: 4711, token: 'the-token' };
const cookie = cookieOf(door).split(';')[0]!;
const knock = (changes: Partial<Knock> = {}, headers: Knock['headers'] = {}): Knock => ({
  method: 'GET',
  target: '/events',
  ...changes,
  headers: { host: '127.0.0.1:4711', cookie, ...headers },
});
const said = (asked: Knock): string | number => {
  const admission = admit(asked, door);
  return admission.kind === 'refused' ? admission.status : admission.kind;
};

describe('the token', () => {
  test('in the address of the page becomes a cookie that no other site sends and no script reads', () => {
    expect(said(knock({ target: '/?token=the-token' }, { cookie: undefined }))).toBe('enter');
    expect(cookieOf(door)).toMatch(/; HttpOnly; SameSite=Strict$/);
  });

  test.each([
    ['another one', '/?token=the-tokeN'],
    ['an empty one', '/?token='],
    ['a part of it', '/?token=the-'],
  ])('is refused when it is %s, whatever the cookie', (_, target) => {
    expect(said(knock({ target }))).toBe(403);
  });

  test('opens the page only, and only by GET', () => {
    expect(said(knock({ target: '/events?token=the-token' }, { cookie: undefined }))).toBe(403);
    expect(said(knock({ method: 'POST', target: '/?token=the-token' }, { cookie: undefined }))).toBe(403);
  });

  test('in the cookie lets in', () => {
    expect(said(knock())).toBe('admitted');
    expect(said(knock({}, { cookie: `a=b; ${cookie}; c=d` }))).toBe('admitted');
  });

  test.each([undefined, '', 'lab-watch-4711=', 'lab-watch-4711=wrong', 'lab-watch-4712=the-token'])(
    'is missed in the cookie %p',
    (other) => {
      expect(said(knock({}, { cookie: other }))).toBe(403);
    },
  );
});

describe('who asks', () => {
  test.each([
    'evil.example',
    'evil.example:4711',
    '127.0.0.1:80',
    '127.0.0.1',
    'localhost:80',
    '',
    undefined,
  ])('by the host %p is sent away: that name leads here by DNS rebinding only', (host) => {
    expect(said(knock({}, { host }))).toBe(421);
    expect(said(knock({ target: '/?token=the-token' }, { host }))).toBe(421);
  });

  test.each(['http://evil.example', 'http://127.0.0.1:8080', 'https://127.0.0.1:4711', 'null'])(
    'from the origin %s is sent away',
    (origin) => {
      expect(said(knock({}, { origin }))).toBe(403);
      expect(said(knock({ method: 'POST', target: '/request' }, { origin }))).toBe(403);
    },
  );

  test('may change something only when the page itself asks', () => {
    const post = { method: 'POST', target: '/request' };
    expect(said(knock(post, { origin: 'http://127.0.0.1:4711', 'sec-fetch-site': 'same-origin' }))).toBe(
      'admitted',
    );
    expect(said(knock(post))).toBe(403);
    expect(said(knock(post, { origin: 'http://127.0.0.1:4711', 'sec-fetch-site': 'none' }))).toBe(403);
  });

  test('may open a shell only when it is the page itself that asks, also when nothing tells what it is', () => {
    const upgrade = { target: '/terminal', upgrades: true };
    const own = { origin: 'http://127.0.0.1:4711' };
    expect(said(knock(upgrade, own))).toBe('admitted');
    expect(said(knock(upgrade))).toBe(403);
    expect(said(knock(upgrade, { ...own, 'sec-fetch-site': 'none' }))).toBe(403);
    expect(said(knock({ ...upgrade, target: '/?token=the-token' }, { cookie: undefined, ...own }))).toBe(403);
  });

  test.each(['cross-site', 'same-site'])('from a page that is %s is sent away', (site) => {
    expect(said(knock({}, { 'sec-fetch-site': site }))).toBe(403);
  });

  test('by another method, or with an address that is none, is sent away', () => {
    expect(said(knock({ method: 'PUT' }))).toBe(405);
    expect(said(knock({ target: 'http://127.0.0.1:4711/events' }))).toBe(400);
    expect(said(knock({ target: '//' }))).toBe(400);
  });
});
