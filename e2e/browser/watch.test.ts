import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import traditional from '../../topologies/traditional';
import { startBrowser, violationsOn } from './browser';
import { lessons } from '../../lab/lessons/course/all';
import { languages } from '../../web/words/language';
import { silent } from '../../lab/engine/docker/progress';
import { down } from '../../lab/engine/down';
import { findLabs, type FoundLab } from '../../lab/engine/labs/find';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const program = join(import.meta.dirname, '../../bin/lab');
const name = 'e2e-watch';
const phone = { width: 360, height: 800 };
/** Another lab may be started meanwhile, and taps in it. */
const PATIENCE_MS = 120_000;
const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';

const lab = sharedLab(traditional, name);
let browser: Browser;
/** Of the learner. */
let progress: string;
beforeAll(async () => {
  browser = await startBrowser();
  progress = await mkdtemp(join(tmpdir(), 'lab-watch-'));
});
afterAll(async () => {
  await browser.close();
  await rm(progress, { recursive: true });
});

/** Ended also where a test has failed. */
const started = new Set<{ kill(signal: 'SIGKILL'): boolean; readonly pid?: number }>();
afterEach(async () => {
  for (const command of started) command.kill('SIGKILL');
  // Killed, it cannot take down the labs that it has started beside.
  const beside = (found: FoundLab): boolean =>
    [...started].some(({ pid }) => new RegExp(`^(run|lesson)-${pid}(-|$)`).test(found.name));
  for (const found of (await findLabs()).filter(beside)) await down(found, silent);
  started.clear();
});

async function startWatch() {
  const command = execa(program, ['watch', name], { reject: false, env: { XDG_STATE_HOME: progress } });
  started.add(command);
  let printed = '';
  command.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  await eventually(() => printed.includes('\n'), 60_000);
  return { command, url: /http:\S+/.exec(printed)![0] };
}

async function openPage(url: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage({
    locale: 'en-US',
    viewport: { width: 1200, height: 900 },
    // Lines that flow are drawn sixty times a second, here without a graphics card.
    reducedMotion: 'reduce',
    ...options,
  });
  // The machine may be busy with much else.
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await shows(page, async () => (await page.locator('.level.armed').count()) === 1);
  return page;
}

/** Processes and rules of a watch in all nodes. */
async function leftBehind(): Promise<string[]> {
  const asked = lab().nodes.map(async (node) => {
    const { stdout } = await node.exec(['sh', '-c', 'ps -eo args; iptables-save']);
    const mark = /watch-|tcpdump|^tail |undo=|nl=|^script |^bash|^sleep 1234/;
    return stdout
      .toString()
      .split('\n')
      .filter((line) => mark.test(line) && !line.startsWith('sh -c ps'));
  });
  return (await Promise.all(asked)).flat();
}

/** Shells that pages have opened, in all nodes. */
async function shellsOpen(): Promise<number> {
  const asked = lab().nodes.map(async (node) => {
    const { stdout } = await node.exec(['sh', '-c', 'pgrep -cx script']);
    return Number(stdout.toString());
  });
  return (await Promise.all(asked)).reduce((sum, count) => sum + count, 0);
}

const shows = (page: Page, holds: () => Promise<boolean>): Promise<void> =>
  eventually(holds, PATIENCE_MS, () => page.locator('body').innerText());

const numberOf = async (page: Page, flow: string): Promise<number> => {
  const cells = await page.locator(`[data-flow=${flow}] td`).allTextContents();
  return Number(cells[1]!.replaceAll(',', ''));
};

const screenOf = (page: Page, inLab: string, node: string): Locator =>
  page.locator(`.shell[data-lab="${inLab}"][data-node="${node}"]`);

/** Types a command into a shell of the page, which is opened where there is none, and waits for its end. */
async function runIn(page: Page, inLab: string, node: string, command: string): Promise<void> {
  const terminal = screenOf(page, inLab, node);
  if ((await terminal.count()) === 0) {
    await page.locator('select[name=terminal]').selectOption(node);
    await page.locator('form:has(select[name=terminal]) button').click();
    await says(page, inLab, node, '#');
  }
  await terminal.locator('textarea').focus();
  commands += 1;
  await page.keyboard.type(`${command}\necho ended-$((${commands}+0))\n`);
  await says(page, inLab, node, `ended-${commands}`);
}
let commands = 0;

/** Waits for words on a screen, which is drawn only while it is in sight. */
const says = (page: Page, inLab: string, node: string, words: string): Promise<void> =>
  eventually(
    async () => {
      const screen = screenOf(page, inLab, node).locator('.xterm-rows');
      if ((await screen.count()) === 0) return false;
      await screen.scrollIntoViewIfNeeded();
      return (await screen.innerText()).includes(words);
    },
    PATIENCE_MS,
    () => page.locator('section[aria-labelledby=terminals]').innerText(),
  );

test('the first fifteen minutes of a newcomer, in both languages at once: all that one does is seen in the other', async () => {
  const { command, url } = await startWatch();
  const english = await openPage(url);
  const chinese = await openPage(url, { locale: 'zh-CN', colorScheme: 'dark', viewport: phone });
  const both = [english, chinese];

  for (const [page, { target, send, caught }] of [
    [english, languages.en],
    [chinese, languages.zh],
  ] as const) {
    await page.getByLabel(target).fill('/seen-in-both');
    await page.getByRole('button', { name: send, exact: true }).click();
    await page.locator('.exchange .steps').waitFor();
    expect(await page.getByText(caught).count()).toBe(1);
    const steps = await page.locator('.step').count();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    const { step } = page === english ? languages.en : languages.zh;
    expect(await page.locator('.steps-row [role=status]').first().innerText()).toBe(step(steps - 1, steps));
  }
  const said = await english.locator('.step').allTextContents();
  for (const seen of [
    'request [P.]',
    'answer [P.]',
    'copy [S]',
    'copy [P.]',
    'response [S.]',
    'response [P.]',
  ])
    expect(said).toContainEqual(expect.stringContaining(seen));
  await english.locator('.step.copy', { hasText: 'P.' }).first().click();
  const destination = await english.locator('[data-field="ip.destination"]').textContent();
  expect(destination).toContain(lab().node('test').definition.address);
  expect(destination).toContain(lab().node('online').definition.address);
  const text = await english.locator('.bytes').first().locator('td:last-child').allTextContents();
  expect(text.join('')).toContain('GET /seen-in-both');
  // Also those that nobody asked for are drawn.
  await english.locator('.frames', { hasText: 'GET /seen-in-both' }).first().waitFor();

  await runIn(english, name, 'test', `iptables -D ${RULE}`);
  for (const page of both) {
    await page.getByText('guard-rule-missing').waitFor();
    await page.locator('.level:not(.armed)').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
  }
  // Without the rule its answer gets out, to somebody who is not on the passlist.
  await runIn(chinese, name, 'client', 'curl -s http://test:8080/leaked >/tmp/leaked');
  await english.getByRole('alert').getByText(languages.en.leakTitle).waitFor();
  await chinese.getByRole('alert').getByText(languages.zh.leakTitle).waitFor();
  expect(await english.getByRole('alert').locator('.bytes').count()).toBe(1);
  await shows(english, async () => (await numberOf(english, 'escaped')) > 0);
  await runIn(chinese, name, 'test', `iptables -I ${RULE}`);
  for (const page of both) await page.locator('.level.armed').waitFor();

  const [lesson] = lessons;
  const lessonLab = `lesson-${command.pid}`;
  await chinese.getByRole('button', { name: languages.zh.lessons.openNamed(lesson!.title.zh) }).click();
  const panels = both.map((page) => page.locator('section[aria-labelledby=lessons]'));
  for (const [index, { answer, title }] of lesson!.steps.entries()) {
    const [page, language] = index % 2 === 0 ? ([english, 'en'] as const) : ([chinese, 'zh'] as const);
    await panels[0]!.getByRole('heading', { name: title.en }).waitFor();
    await panels[1]!.getByRole('heading', { name: title.zh }).waitFor();
    const { check, showLab } = languages[language].lessons;
    const showsLab = page.getByRole('button', { name: showLab });
    if ((await showsLab.getAttribute('aria-pressed')) === 'false') await showsLab.click();
    for (const action of answer) if ('run' in action) await runIn(page, lessonLab, action.on, action.run);
    await page.getByRole('button', { name: check, exact: true }).click();
    await page.locator('.verdict.good').waitFor();
  }
  await chinese.getByText(languages.zh.lessons.lessonDone).waitFor();
  for (const page of both) expect(await violationsOn(page)).toEqual([]);
  expect(await chinese.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await chinese.getByRole('button', { name: languages.zh.lessons.leave }).click();
  await english.locator('[data-lesson=tcp]', { hasText: languages.en.lessons.done }).waitFor();
  expect((await findLabs()).map((found) => found.name)).not.toContain(lessonLab);

  // Of the lab, two in one page and one in the other.
  expect(await shellsOpen()).toBe(3);
  await english.close();
  await eventually(async () => (await shellsOpen()) === 2);
  command.kill('SIGINT');
  expect((await command).exitCode).toBe(0);
  expect(await leftBehind()).toEqual([]);
  await chinese.close();
});

const other = drawing('other watches', 1);

other('a scenario is played in a lab of its own, which is gone when it is stopped', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);
  await page.locator('select[name=scenario]').selectOption('start-tcpcopy-intercept-rule');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.getByText('What is shown here is the lab of the scenario').waitFor();
  await page.locator('.timeline li', { hasText: 'Put there: tcpcopy' }).waitFor();
  await page.locator('.timeline li.guard', { hasText: 'disarmed' }).waitFor();
  const own = async () => (await findLabs()).filter((found) => found.name.startsWith('run-'));
  const [played] = (await own()).filter((found) => found.name.includes(String(command.pid)));
  expect(played).toBeDefined();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText('It came to no result').waitFor();
  expect((await own()).map((found) => found.name)).not.toContain(played!.name);
  await page.getByRole('button', { name: `Back to ${name}` }).click();
  await page.locator('.level.armed').waitFor();
  command.kill('SIGINT');
  expect((await command).exitCode).toBe(0);
  await page.close();
});

other('a watch that is killed leaves nothing behind in the nodes', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);
  await shell(lab().node('client'), 'curl -s http://online/before');
  await page.locator('form:has(select[name=terminal]) button').click();
  await page.locator('.xterm-rows', { hasText: '#' }).waitFor();
  await page.keyboard.type('sleep 1234\n');
  await eventually(async () => (await leftBehind()).some((line) => line.startsWith('sleep 1234')));
  expect(await shellsOpen()).toBe(1);
  command.kill('SIGKILL');
  await command;
  await eventually(async () => (await leftBehind()).length === 0);
  await page.close();
});

other(
  'under load flows are drawn and counted, and a watch that is ended meanwhile leaves nothing behind either',
  async () => {
    const { command, url } = await startWatch();
    const page = await openPage(url);
    await shell(lab().node('client'), 'ab -q -k -c 10 -n 20000 http://online/ >/tmp/ab.txt');
    await page.getByText('Too many to draw one by one').first().waitFor();
    await shows(page, async () => (await numberOf(page, 'requests')) > 20_000);
    await shows(page, async () => (await page.getByText('Too many to draw one by one').count()) === 0);
    expect(await numberOf(page, 'escaped')).toBe(0);
    const load = lab()
      .node('client')
      .exec(['ab', '-q', '-k', '-c', '10', '-t', '5', '-n', '1000000', 'http://online/']);
    await page.getByText('Too many to draw one by one').first().waitFor();
    command.kill('SIGINT');
    expect((await command).exitCode).toBe(0);
    await load;
    expect(await leftBehind()).toEqual([]);
    await page.close();
  },
);

other.play();
