import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pageFiles, type PageFile } from '../../lab/web/serve/page';
import { serve, type WatchServer } from '../../lab/web/serve/server';
import { leaksIn } from '../../lab/web/observe/leak-watch';
import { capture, tcp } from '../../test/unit/verify/world/frames';
import { CLIENT, scene, TEST } from '../../test/unit/verify/world/scene';
import { withRules } from '../../test/unit/verify/world/state';
import { findInState } from '../../lab/verify/findings/in-state';
import {
  keptPlaying,
  keptShells,
  keptTeaching,
  keptWatch,
  picture,
  readingAt,
  type KeptPlaying,
  type KeptShells,
  type KeptTeaching,
  type KeptWatch,
} from '../../test/unit/web/world';
import type { Message } from '../../lab/web/messages/message';
import { drawnFrom } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { startBrowser, violationsOn } from './browser';

let browser: Browser;
let files: ReadonlyMap<string, PageFile>;
let watch: KeptWatch;
let playing: KeptPlaying;
let teaching: KeptTeaching;
let shells: KeptShells;
let server: WatchServer;
let context: BrowserContext;
let page: Page;
let asked: string[];

beforeAll(async () => {
  [browser, files] = await Promise.all([startBrowser(), pageFiles()]);
});
afterAll(() => browser.close());

beforeEach(async () => {
  watch = keptWatch();
  playing = keptPlaying();
  teaching = keptTeaching();
  shells = keptShells();
  server = await serve({ sources: { watched: watch, playing, teaching }, shells, files }, 0);
  await open();
});
afterEach(() => server.close());

/** A page takes a second of computing to begin with: all that look at it in the same way have one, each from another origin. */
const USUAL = { locale: 'en-US', viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce' } as const;
type Look = NonNullable<Parameters<Browser['newContext']>[0]>;
let looked: Look | undefined;

async function open(options: Look = USUAL): Promise<void> {
  if (looked !== options) {
    if (looked) await context.close();
    context = await browser.newContext(options);
    page = await context.newPage();
    page.on('request', (request) => asked.push(request.url()));
    looked = options;
  }
  asked = [];
  await page.setViewportSize(options.viewport!);
  await page.goto(server.url);
  await page.getByRole('img', { name: /kept/ }).waitFor();
}

const unguarded = () => {
  const state = withRules();
  const reasons = ['no proof came back'];
  const guard = { level: 'disarmed' as const, reasons, since: '2026-11-28T12:00:30Z', catches: [] };
  const findings = findInState(scene, { before: state, after: state });
  watch.tell({ kind: 'reading', reading: readingAt(30, { guard, findings }) });
};

const leak = () =>
  watch.tell({ kind: 'leaks', leaks: leaksIn(capture([tcp(TEST, CLIENT)]), scene, 'test', () => 1_000) });

/** A run that has a lab, steps and a verdict. */
const tellRun = () => {
  const begun = { name: 'rule-removed', architecture: 'traditional', seed: 41 } as const;
  const at = (second: number) => 1_700_000_000_000 + second * 1000;
  const line = 'iptables -w -D OUTPUT -p tcp --sport 8080 -j NFQUEUE';
  const change = { copy: 'online', at_ms: at(2), level: 'suspended', reason: 'no proof' } as const;
  const figures = { leaked: 0, missing: 1, doubled: 0 };
  const told: Message[] = [
    { kind: 'run', run: begun },
    { kind: 'setting-up', what: 'network lan' },
    { kind: 'picture', picture: { ...picture, lab: 'run-1' } },
    { kind: 'reading', reading: readingAt(1) },
    { kind: 'step', at_ms: at(0), step: { kind: 'phase', phase: 'disturbance' } },
    { kind: 'step', at_ms: at(1), step: { kind: 'command', node: 'test', line } },
    { kind: 'guard', change },
    { kind: 'step', at_ms: at(3), step: { kind: 'moment', moment: 'lost' } },
    { kind: 'result', at_ms: at(4), result: { verdict: 'pass', reasons: [], figures } },
  ];
  told.forEach((message) => playing.tell(message));
};

test('the first picture is there within a second, of a page that is small, from nowhere but here', async () => {
  // Of what the page computes: how long it waits for that on a shared machine is not its own doing.
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const computed_s = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const before_s = await computed_s();
  await page.goto(server.url);
  await page.getByRole('img', { name: /kept/ }).waitFor();
  const spent_s = (await computed_s()) - before_s;
  expect(spent_s).toBeGreaterThan(0);
  expect(spent_s).toBeLessThan(1);
  // With the emulator of terminals, which is fetched when the first is opened.
  const scripts = [...files].filter(([path]) => path.endsWith('.js')).map(([, { content }]) => content);
  expect(gzipSync(Buffer.concat(scripts)).length).toBeLessThan(300_000);
  expect(asked.filter((url) => new URL(url).origin !== new URL(server.url).origin)).toEqual([]);
  expect(page.url()).not.toContain('token');
});

test('a request is sent, and moved through forwards and backwards beside its copy, by keyboard alone', async () => {
  await page.getByLabel('path').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('/by-keyboard');
  await page.keyboard.press('Enter');
  const step = page.locator('.steps-row [role=status]');
  await step.waitFor();
  expect(watch.asked).toEqual([
    { copy: 'online', client: 'client', method: 'GET', target: '/by-keyboard', body: '' },
  ]);
  expect(await step.innerText()).toBe('Step 1 of 12');
  for (let count = 0; count < 8; count += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  expect(await step.innerText()).toBe('Step 8 of 12');

  const field = (name: string) => page.locator(`[data-field="${name}"]`);
  expect(await field('ip.destination').innerText()).toMatch(/198\.18\.10\.30\s+198\.18\.10\.20 ≠/);
  expect(await field('payload').innerText()).not.toContain('≠');
  await field('ip.destination').getByRole('button').focus();
  expect(await page.locator('#field-meaning').innerText()).toMatch(/RFC 791[^]*addressed to the test server/);
  expect(await page.locator('.waited').innerText()).toContain('accepted the connection');
  await page.keyboard.press('End');
  expect(await step.innerText()).toBe('Step 12 of 12');
});

test('what is told is shown: numbers, connections, a guard that is gone, and a leak, which turns the page red', async () => {
  await expect(page.locator('[data-flow=copies]').innerText()).resolves.toMatch(/20\s+580/);
  await expect(page.locator('[data-counter=requests_captured]').innerText()).resolves.toBe('290');
  await expect(page.locator('.level').innerText()).resolves.toMatch(/^armed/);
  await expect(page.locator('svg .node .name').allTextContents()).resolves.toEqual([
    'client',
    'online',
    'test',
  ]);
  await page
    .getByRole('button', { name: /GET \/hello/ })
    .first()
    .click();
  await page.getByText('Step 1 of 12').waitFor();

  unguarded();
  await page.getByText('guard-rule-missing').waitFor();
  expect(await page.locator('.level').innerText()).toMatch(/^disarmed/);
  expect(await page.locator('.findings').innerText()).toContain('iptables -I OUTPUT');
  expect(await page.getByText('no proof came back').count()).toBe(1);

  const border = () => page.locator('.page').evaluate((element) => getComputedStyle(element).borderTopColor);
  const before = await border();
  leak();
  await page.getByRole('alert').getByText('198.18.10.30:8080 > 198.18.10.10:40000').waitFor();
  expect(await page.getByRole('alert').locator('.bytes').count()).toBe(1);
  expect([before, await border()]).toEqual(['rgba(0, 0, 0, 0)', 'rgb(179, 38, 30)']);
});

const LOOKS = [
  ['en-US', 'light', 1200],
  ['zh-CN', 'dark', 360],
] as const;

test.each(drawnFrom(LOOKS, 1, (look) => `the page ${look.join(' ')}`))(
  'axe finds nothing in %s, %s, %i pixels wide, and nothing is wider',
  async (locale, colorScheme, width) => {
    await open({ locale, colorScheme, viewport: { width, height: 800 } });
    await page
      .getByRole('button', { name: /GET \/hello/ })
      .first()
      .click();
    await page.locator('.exchange').waitFor();
    tellRun();
    await page.locator('.verdict').waitFor();
    const lessons = page.locator('section[aria-labelledby=lessons]');
    await lessons.getByRole('button').first().click();
    for (const button of [0, 0, 1, 1]) {
      await lessons.locator('.steps-row button:enabled').nth(button).click();
      await lessons.locator('.steps-row button:enabled').nth(1).waitFor();
    }
    await lessons.locator('.drawn').waitFor();
    await page.locator('form:has(select[name=terminal]) button').click();
    await page.locator('.xterm-rows', { hasText: '#' }).waitFor();
    unguarded();
    leak();
    await page.getByRole('alert').locator('code').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const heading = locale === 'zh-CN' ? '防线' : 'Guard';
    expect(await page.getByRole('heading', { name: heading, exact: true }).count()).toBe(1);
  },
);

test('axe would find what is wrong', async () => {
  await page.evaluate(() => document.body.append(document.createElement('button')));
  expect(await violationsOn(page)).toEqual([expect.stringContaining('button-name')]);
});

test('language and colours are chosen, and stay chosen', async () => {
  await page.getByLabel('Language').selectOption('zh');
  await page.getByLabel('配色').selectOption('dark');
  await page.reload();
  await page.getByRole('heading', { name: '防线', exact: true }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(paper).toBe('rgb(13, 17, 23)');
});

test('a scenario is chosen and played by keyboard, and its lab, its steps and its verdict are seen', async () => {
  await page.locator('select[name=scenario]').focus();
  await page.keyboard.type('rule-removed');
  await page.getByLabel('seed').fill('41');
  await page.keyboard.press('Enter');
  await eventually(() => playing.asked.length > 0);
  expect(playing.asked).toEqual(['play rule-removed 41']);
  const about = page.getByRole('region', { name: 'Play a scenario' });
  expect(await about.innerText()).toContain('in a lab of its own beside kept');

  tellRun();
  await page.getByText('What is shown here is the lab of the scenario rule-removed').waitFor();
  const steps = await page.locator('.timeline li').allInnerTexts();
  expect(steps).toEqual([
    expect.stringContaining('Now it is disturbed'),
    expect.stringMatching(/On test:[^]*iptables -w -D OUTPUT/),
    expect.stringMatching(/Guard: suspended[^]*no proof/),
    expect.stringContaining('From here on the guard does not hold'),
  ]);
  // Requests of one's own would count as its load.
  expect(await page.getByRole('button', { name: 'Send', exact: true }).count()).toBe(0);
  await page.getByText('PASS: all was as it should be').waitFor();
  expect(await about.innerText()).toContain('lab run rule-removed --seed 41');
  await page.getByRole('button', { name: 'Back to kept' }).click();
  expect(await page.getByRole('button', { name: 'Send', exact: true }).count()).toBe(1);
});

test('a lesson is opened, checked, helped with and left, by keyboard, in the language that is chosen', async () => {
  const panel = page.getByRole('region', { name: 'Lessons' });
  await page.getByRole('button', { name: 'Begin: TCP in ten minutes' }).press('Enter');
  await panel.getByText('Step 1/').waitFor();
  await panel.getByRole('button', { name: 'Check', exact: true }).press('Enter');
  await panel.getByText('No such file or directory').first().waitFor();
  await panel.getByRole('button', { name: 'Hint', exact: true }).press('Enter');
  await panel.getByRole('button', { name: 'Show the answer' }).press('Enter');
  await panel.getByText('the answer', { exact: true }).waitFor();
  await panel.getByRole('button', { name: 'Check', exact: true }).press('Enter');
  await panel.getByText('Step 2/').waitFor();
  expect(await panel.locator('.drawn').innerText()).toContain('SYN ───');
  await page.getByLabel('Language').selectOption('zh');
  await page.getByRole('heading', { name: '没有人监听的端口' }).waitFor();
  teaching.tell({ kind: 'picture', picture: { ...picture, lab: 'lesson-1' } });
  await page.getByLabel('步骤').selectOption('3');
  await page.getByRole('button', { name: '从这一步开始' }).press('Enter');
  await page.getByText('步骤 3/').waitFor();
  await page.getByLabel('路径').fill('/taught');
  await page.getByRole('button', { name: '发送', exact: true }).press('Enter');
  await page.locator('.exchange .steps').waitFor();
  await page.getByRole('button', { name: '离开这一课' }).press('Enter');
  await page.getByRole('button', { name: '开始：十分钟看懂 TCP' }).waitFor();
  expect(teaching.asked).toEqual([
    'open tcp 1',
    'check',
    'help',
    'help',
    'check',
    'open tcp 3',
    'send /taught',
    'leave',
  ]);
});

test('a shell is opened, typed into, resized and left by keyboard, under the same policy', async () => {
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  expect(asked.filter((url) => url.endsWith('terminal.js'))).toEqual([]);
  const panel = page.getByRole('region', { name: 'Terminals' });
  await panel.getByLabel('node').selectOption('test');
  await panel.getByRole('button', { name: 'Open a shell' }).press('Enter');
  const screen = panel.locator('.xterm-rows');
  await screen.getByText('test#').waitFor();
  await page.keyboard.type('iptables -S');
  await screen.getByText('test# iptables -S').waitFor();
  // The rules that it writes itself are in force: a row is as high as a character.
  expect(
    await screen
      .locator('span')
      .first()
      .evaluate((row) => getComputedStyle(row).display),
  ).toBe('inline-block');
  await page.setViewportSize({ width: 700, height: 900 });
  await eventually(() => shells.asked.includes('size true'));
  await page.keyboard.press('F6');
  await page.keyboard.press('Enter');
  await eventually(() => shells.asked.includes('closed: iptables -S'));
  expect(await panel.locator('.shell').count()).toBe(0);

  await panel.getByRole('button', { name: 'Open a shell' }).press('Enter');
  await screen.getByText('test#').waitFor();
  await page.keyboard.type('exit\n');
  await panel.getByText('It has ended.').waitFor();
  expect(complaints).toEqual([]);
  const scripts = ['/page.js', '/terminal.js'].map((path) => gzipSync(files.get(path)!.content).length);
  expect(scripts[0]! + scripts[1]!).toBeLessThan(300_000);
});

describe('a hostile page in the same browser', () => {
  test('neither reads nor sends anything nor opens a shell, whatever site it is of', async () => {
    const { port } = new URL(server.url);
    const hostile = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<p>hostile</p>');
    });
    hostile.listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    const own = (hostile.address() as AddressInfo).port;
    const other = await context.newPage();
    try {
      // The same site on another port, whose requests carry the cookie; and another site.
      for (const host of ['127.0.0.1', 'localhost']) {
        await other.goto(`http://${host}:${own}/`);
        const got = await other.evaluate(async (target) => {
          const body = JSON.stringify({
            copy: 'online',
            client: 'client',
            method: 'GET',
            target: '/x',
            body: '',
          });
          const tries: [string, RequestInit][] = [
            ['/events', { credentials: 'include' }],
            ['/events', { credentials: 'include', mode: 'no-cors' }],
            ['/request', { method: 'POST', credentials: 'include', body }],
            ['/request', { method: 'POST', credentials: 'include', mode: 'no-cors', body }],
            [
              '/lesson',
              { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"lesson":"tcp"}' },
            ],
            [
              '/play',
              { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"scenario":"loss-1"}' },
            ],
          ];
          const read: string[] = [];
          for (const [path, init] of tries) {
            try {
              read.push(await (await fetch(`http://127.0.0.1:${target}${path}`, init)).text());
            } catch {
              read.push('');
            }
          }
          for (const query of ['of=lab&node=test&columns=80&rows=24', '']) {
            const socket = new WebSocket(`ws://127.0.0.1:${target}/terminal?${query}`);
            read.push(
              await new Promise((resolve) => {
                socket.onopen = () => resolve('open');
                socket.onclose = ({ code }) => resolve(`${code}`);
              }),
            );
          }
          const form = document.createElement('form');
          form.method = 'post';
          form.enctype = 'text/plain';
          form.action = `http://127.0.0.1:${target}/request`;
          const frame = document.createElement('iframe');
          frame.name = 'sink';
          frame.src = `http://127.0.0.1:${target}/`;
          form.target = 'sink';
          const framed = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
          document.body.append(form, frame);
          await framed;
          const posted = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
          form.submit();
          await posted;
          return read;
        }, port);
        expect(got).toEqual(['', '', '', '', '', '', '1006', '1006']);
        expect(other.frames().map((frame) => frame.url())).not.toContain(`http://127.0.0.1:${port}/`);
      }
      expect([...watch.asked, ...playing.asked, ...teaching.asked, ...shells.asked]).toEqual([]);
    } finally {
      await other.close();
      hostile.close();
    }
  });

  test('is not let in by another name for this address', async () => {
    const rebound = await context.newPage();
    const { port, search } = new URL(server.url);
    const response = await rebound.goto(`http://rebound.localhost:${port}/${search}`);
    expect(response?.status()).toBe(421);
    await rebound.close();
  });
});
