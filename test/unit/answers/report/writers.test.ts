import { casesOfComparison } from '../../../../src/answers/report/cases';
import { comparisonAsPage } from '../../../../src/answers/report/html';
import { comparisonAsText } from '../../../../src/answers/report/text';
import { crossedOf, parseThreshold, undecidedOf } from '../../../../src/answers/report/thresholds';
import { casesAsJunit } from '../../../../src/report/junit';
import { casesAsMarkdown } from '../../../../src/report/summary';
import type { ComparisonReport } from '../../../../src/answers/account/report';
import { http, json, redis, type Rulings } from '../compare/answers';
import { NONE, reportOn, times, type Asked } from '../account/run';
import { randomBy } from '../world/random';

const LIMITS = ['differing > 0', 'route differing > 0%', 'unanswered > 0'].map(parseThreshold);

test('nothing that could be compared is no good news, in any report', () => {
  const { page, text, junit, markdown } = written(reportOn([]));
  expect(text).toMatch(/^NONE/);
  expect(page).toContain('<p class="verdict bad">Nothing could be compared.</p>');
  expect(junit).toContain('failures="1"');
  expect(markdown).toContain('Nothing could be compared.');
});

test('what a reader must know of the captures stands on the page, and escaped', () => {
  const page = comparisonAsPage('a', reportOn([]), [], [], ['<b>.pcap is damaged']);
  expect(page).toContain('<li>&lt;b&gt;.pcap is damaged</li>');
});

test('a limit of which cannot be told whether it is passed is no failure, and is told', () => {
  const slow = times(30, (): Asked => ({
    target: '/a',
    online: http(200),
    test: http(200),
    took_ms: [1, 1.4],
  }));
  const report = reportOn(slow);
  const limits = ['p50 > 1.2x', 'p99 > 1.2x'].map(parseThreshold);
  const [crossed, undecided] = [crossedOf(report, limits), undecidedOf(report, limits)];
  expect(crossed).toEqual([]);
  expect(comparisonAsText(report, crossed, undecided)).toMatch(
    /^SAME[^]*cannot be told: p50 > 1.2x\n {2}all: p50 is 1.41 ms .*, but of 30 pairs that is .*\ncannot be told: p99 > 1.2x\n {2}all: .* of 30 pairs, which takes 200/,
  );
  expect(comparisonAsPage('a', report, crossed, undecided)).toContain(
    'Cannot be told: <code>p50 &gt; 1.2x</code>',
  );
  const cases = casesOfComparison('a', report, limits, crossed, undecided);
  expect(cases.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
  expect(cases[0]!.figures['cannot be told']).toContain('p50 is 1.41 ms');
});

/** By all writers. */
function written(report: ComparisonReport): Record<'page' | 'text' | 'json' | 'junit' | 'markdown', string> {
  const crossed = crossedOf(report, LIMITS);
  const cases = casesOfComparison('a comparison', report, LIMITS, crossed);
  return {
    page: comparisonAsPage('a comparison', report, crossed),
    text: comparisonAsText(report, crossed),
    json: JSON.stringify({ ...report, crossed }),
    junit: casesAsJunit(cases),
    markdown: casesAsMarkdown('a comparison', cases),
  };
}

describe('the page', () => {
  const hostile = '<script>alert(1)</script><img src="https://evil.example/x" onerror=\'x\'>&amp;';
  const report = reportOn([
    {
      target: `/${hostile.replaceAll(' ', '+')}?q=${hostile.replaceAll(' ', '+')}`,
      online: json({ [hostile]: hostile, gone: hostile }),
      test: json({ [hostile]: `${hostile}2` }),
    },
    {
      target: '/b',
      online: http(200, { 'x-a': hostile }, hostile),
      test: http(200, { 'x-a': '' }, `${hostile}3`),
    },
  ]);
  const { page } = written(report);

  test('escapes what clients and servers said', () => {
    expect(page).not.toMatch(/<script|<img/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('needs nothing else, and lets nothing else in', () => {
    expect(page.match(/\b(?:src|href|url|action)\s*[=(]\s*["']?[^"'\s>]*/gi)).toEqual(
      expect.arrayContaining(['href="#route-0']),
    );
    expect(page.match(/href="(?!#route-\d+")/g)).toBeNull();
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'/);
    expect(page.match(/<(?:script|link|iframe|object|embed|form|base)\b/gi)).toBeNull();
    expect(page.match(/\sstyle=|\son[a-z]+="/g)).toBeNull();
  });

  test('is well formed', () => {
    const open: string[] = [];
    const VOID = new Set(['meta', '!doctype']);
    for (const [, end, name] of page.matchAll(/<(\/?)([!a-z][a-z0-9]*)[^>]*>/gi))
      if (end) expect(open.pop()).toBe(name);
      else if (!VOID.has(name!.toLowerCase())) open.push(name!);
    expect(open).toEqual([]);
  });
});

describe('the summary on a terminal', () => {
  test('lets what servers say move no cursor, and turn no text around', () => {
    const { text } = written(
      reportOn([
        { target: '/a', online: http(200, { a: '\u001b[2J\u202eabc' }), test: http(200, { a: 'x' }) },
      ]),
    );
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text).toContain('·[2J·abc');
  });

  test('begins with what came of it', () => {
    const first = (asked: Asked[]): string => comparisonAsText(reportOn(asked), []).split('\n')[0]!;
    const same: Asked = { target: '/a', online: http(200), test: http(200) };
    const other: Asked = { target: '/b', online: http(200), test: http(500) };
    expect(first([])).toBe('NONE  no request was found on both sides');
    const open = { outcome: 'open', response: undefined } as const;
    expect(first([{ target: '/a', online: http(200), test: open }])).toBe(
      'NONE  1 answer, of which none can be judged',
    );
    expect(first([same])).toBe('SAME  1 answer compared, none differs');
    expect(first([same, other, other])).toBe('DIFF  2 of 3 answers (66.7 %) differ, on 1 route of 2');
    expect(written(reportOn([other])).text).toMatch(/^FAIL {2}/);
  });
});

describe('a secret', () => {
  /** Wherever it may stand, and on whichever side. */
  function asked(secret: string, seed: number): { asked: Asked[]; rulings: Rulings } {
    const random = randomBy(seed);
    const places: readonly ((word: string) => Asked['online'])[] = [
      (word) => http(200, { 'set-cookie': `sid=${word}; Path=/` }),
      (word) => http(200, { authorization: `Bearer ${word}` }),
      (word) => http(302, { location: `/next?a=b&token=${word}` }),
      (word) => http(302, { location: `/next#token=${word}&a=b` }),
      (word) => http(302, { location: `/login?next=${encodeURIComponent(`/a?token=${word}`)}` }),
      (word) => json({ user: { password: word } }),
      (word) => json([{ deep: [{ access_token: word }] }, word.length]),
      (word) => json({ mine: { [word]: { [word]: word } } }),
      (word) => json({ kept: JSON.stringify([{ password: word }]) }),
      (word) => json(`{"password": "${word}", "cut off": `),
      (word) => http(200, { 'x-mine': word }, `line\nline ${word}`),
      (word) => http(200, {}, Buffer.from(`\u0000\u0001${word}`)),
      (word) => redis(`*2\r\n+a\r\n%1\r\n+mine\r\n+${word}\r\n`),
      () => http(500, {}, 'none'),
      () => NONE,
    ];
    const rulings = {
      redact: ['header:x-mine', 'json:$.mine', 'text', 'body', 'value:$..mine'],
    };
    // Bodies that are no JSON are hidden by `body`; what is JSON is not.
    const answer = (): Asked['online'] => random.pick(places)(random.chance(0.5) ? secret : random.hex(12));
    const list = times(40, (): Asked => ({
      target: random.pick(['/a', '/b?x=1', `/c?token=${secret}`, `//u:${secret}@h/d?PASSWORD=${secret}`]),
      online: answer(),
      test: answer(),
      cookie: `sid=${secret}`,
    }));
    return { asked: list, rulings };
  }

  /** Empty where it is not there. */
  function around(text: string, secret: string): string {
    const at = text.indexOf(secret);
    return at < 0 ? '' : text.slice(Math.max(0, at - 100), at + 40);
  }

  test('is in no report, by whatever writer', () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const secret = `hush-${randomBy(seed).hex(10)}`;
      const { asked: list, rulings } = asked(secret, seed);
      const report = reportOn(list, rulings);
      expect(report.differing + report.carried).toBeGreaterThan(0);
      for (const [writer, text] of Object.entries(written(report)))
        expect({ seed, writer, found: around(text, secret) }).toEqual({ seed, writer, found: '' });
    }
  });

  test('would be found by this, were it not hidden', () => {
    const { asked: list } = asked('hush-in-plain-sight', 2);
    const { json: text } = written(reportOn(list));
    expect(text).toContain('hush-in-plain-sight');
  });
});
