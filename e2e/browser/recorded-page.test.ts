import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { recordingsIn, recordingsPage } from '../../lab/web/record/html';
import { keptRecording } from '../../test/unit/web/world';
import { stepText } from '../../web/play/step-text';
import { languages } from '../../web/words/language';
import { drawnFrom } from '../stage/drawn';
import { startBrowser, violationsOn } from './browser';

const shipped = join(import.meta.dirname, '../../docs/demos');
const demos = readdirSync(shipped).filter((file) => file.endsWith('.html'));

let browser: Browser;
let directory: string;
let url: string;
let keptUrl: string;
let context: BrowserContext;
let page: Page;
let asked: string[];
let complaints: string[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'recorded-'));
  const file = join(directory, 'demo.html');
  const other = { ...keptRecording(), run: { ...keptRecording().run, name: 'loss-1' } };
  writeFileSync(file, await recordingsPage([keptRecording(), other]));
  keptUrl = pathToFileURL(file).href;
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => void (url = keptUrl));
afterEach(() => context.close());

async function open(options: Parameters<Browser['newContext']>[0]): Promise<void> {
  context = await browser.newContext({ ...options, offline: true });
  page = await context.newPage();
  asked = [];
  complaints = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.locator('.verdict').waitFor();
}

test('a recording is opened from the file system, asks nobody, and is played by keyboard to its verdict', async () => {
  await open({ locale: 'en-US', viewport: { width: 1200, height: 900 } });
  expect(await page.locator('.verdict').innerText()).toMatch(/^PASS/);
  const position = page.getByLabel('position');
  expect(await position.inputValue()).toBe('0');
  await page.getByLabel('speed').selectOption('1');
  await page.getByRole('button', { name: 'Play', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.caption', { hasText: 'From here on the guard does not hold' }).waitFor();
  await page.locator('.timeline li[aria-current]', { hasText: 'does not hold' }).waitFor();
  await page.getByRole('button', { name: 'Hold still', exact: true }).first().click();

  await page.locator('.timeline button').nth(1).click();
  expect(await page.locator('.caption').innerText()).toMatch(/On test:[^]*iptables -w -D OUTPUT/);
  await position.focus();
  await page.keyboard.press('End');
  expect(await page.locator('[data-counter=requests_captured]').innerText()).toBe('290');
  await page
    .getByRole('button', { name: /GET \/hello/ })
    .first()
    .click();
  await page.getByText('Step 1 of 12').waitFor();
  await page.getByText('1 request', { exact: true }).click();
  await page.getByText('lab/v0000015/0-0').waitFor();
  expect(asked.filter((one) => !one.startsWith('file:') && !one.startsWith('data:'))).toEqual([]);
  expect(complaints).toEqual([]);
});

test.each(drawnFrom(demos, 2))(
  '%s is opened from the file system, and has the captions that the code has',
  async (file) => {
    const { run, messages } = recordingsIn(readFileSync(join(shipped, file), 'utf8')).recordings[0]!;
    url = pathToFileURL(join(shipped, file)).href;
    await open({ locale: 'en-US' });
    const told = messages.flatMap(({ message }) => (message.kind === 'step' ? [message.step] : []));
    const captions = told.map((step) => stepText(step, run.architecture, languages.en));
    const shown = await page.locator('.timeline li.step > span').allInnerTexts();
    expect(shown.map((text, index) => text.startsWith(captions[index]!))).toEqual(captions.map(() => true));
    expect(complaints).toEqual([]);
  },
);

test('of several recordings one is chosen', async () => {
  await open({ locale: 'en-US' });
  await page.locator('select[name=recording]').selectOption('1');
  await page.getByRole('heading', { name: 'loss-1', exact: true }).waitFor();
});

const LOOKS = [
  ['en-US', 'light', 1200],
  ['zh-CN', 'dark', 360],
] as const;

test.each(drawnFrom(LOOKS, 1, (look) => `a recording ${look.join(' ')}`))(
  'axe finds nothing in %s, %s, %i pixels wide, and nothing is wider',
  async (locale, colorScheme, width) => {
    await open({ locale, colorScheme, viewport: { width, height: 800 } });
    await page.locator('.timeline button').last().click();
    await page.locator('.timeline li[aria-current]').last().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const heading = locale === 'zh-CN' ? '再看一遍' : 'Watch it again';
    expect(await page.getByRole('heading', { name: heading, exact: true }).count()).toBe(1);
  },
);
