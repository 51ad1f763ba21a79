import { execa } from 'execa';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import traditional from '../topologies/traditional';
import { startBrowser } from './browser';
import { findLabs } from '../lab/engine/labs/find';
import { eventually } from './eventually';
import { sharedLab } from './shared-lab';
import { shell } from './verify-support';

const program = join(import.meta.dirname, '../bin/lab');
const name = 'e2e-watch';
const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';

const lab = sharedLab(traditional, name);
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Ended also where a test has failed. */
const started = new Set<{ kill(signal: 'SIGKILL'): boolean }>();
afterEach(() => {
  for (const command of started) command.kill('SIGKILL');
  started.clear();
});

async function startWatch() {
  const command = execa(program, ['watch', name], { reject: false });
  started.add(command);
  let printed = '';
  command.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  await eventually(() => printed.includes('\n'), 60_000);
  return { command, url: /http:\S+/.exec(printed)![0] };
}

async function openPage(url: string): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-US', viewport: { width: 1200, height: 900 } });
  await page.goto(url);
  await page.locator('.level.armed').waitFor();
  return page;
}

/** Processes and rules of a watch in all nodes. */
async function leftBehind(): Promise<string[]> {
  const asked = lab().nodes.map(async (node) => {
    const { stdout } = await node.exec(['sh', '-c', 'ps -eo args; iptables-save']);
    const mark = /watch-|tcpdump|^tail |undo=/;
    return stdout
      .toString()
      .split('\n')
      .filter((line) => mark.test(line) && !line.startsWith('sh -c ps'));
  });
  return (await Promise.all(asked)).flat();
}

const shows = (page: Page, holds: () => Promise<boolean>): Promise<void> =>
  eventually(holds, 30_000, () => page.locator('body').innerText());

const numberOf = async (page: Page, flow: string): Promise<number> => {
  const cells = await page.locator(`[data-flow=${flow}] td`).allTextContents();
  return Number(cells[1]!.replaceAll(',', ''));
};

test('a request is seen in both worlds, a guard that is gone and a leak are seen, and nothing is left', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);

  await page.getByLabel('path').fill('/seen-in-both');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.exchange .steps').waitFor();
  expect(await page.getByText('Every response of the test server was caught').count()).toBe(1);
  const steps = await page.locator('.step').allTextContents();
  for (const seen of [
    'request [P.]',
    'answer [P.]',
    'copy [S]',
    'copy [P.]',
    'response [S.]',
    'response [P.]',
  ])
    expect(steps).toContainEqual(expect.stringContaining(seen));
  await page.locator('.step.copy', { hasText: 'P.' }).click();
  const destination = await page.locator('[data-field="ip.destination"]').textContent();
  expect(destination).toContain(lab().node('test').definition.address);
  expect(destination).toContain(lab().node('online').definition.address);
  const text = await page.locator('.bytes').first().locator('td:last-child').allTextContents();
  expect(text.join('')).toContain('GET /seen-in-both');
  // Also those that nobody asked for are drawn.
  await page.locator('.frames', { hasText: 'GET /seen-in-both' }).first().waitFor();

  await shell(lab().node('client'), 'ab -q -k -c 10 -n 20000 http://online/ >/tmp/ab.txt');
  await page.getByText('Too many to draw one by one').first().waitFor();
  await shows(page, async () => (await numberOf(page, 'requests')) > 20_000);
  await shows(page, async () => (await page.getByText('Too many to draw one by one').count()) === 0);
  expect(await numberOf(page, 'escaped')).toBe(0);
  expect(await page.getByRole('alert').textContent()).toBe('');

  await shell(lab().node('test'), `iptables -D ${RULE}`);
  await page.getByText('guard-rule-missing').waitFor();
  await page.locator('.level:not(.armed)').waitFor();
  // Without the rule its answer gets out, to somebody who is not on the passlist.
  await shell(lab().node('client'), 'curl -s http://test:8080/leaked');
  await page.getByRole('alert').getByText('A response got past the guard').waitFor();
  expect(await page.getByRole('alert').locator('.bytes').count()).toBe(1);
  await shows(page, async () => (await numberOf(page, 'escaped')) > 0);
  await shell(lab().node('test'), `iptables -I ${RULE}`);
  await page.locator('.level.armed').waitFor();

  command.kill('SIGINT');
  expect((await command).exitCode).toBe(0);
  expect(await leftBehind()).toEqual([]);
  await page.close();
});

test('a scenario is played in a lab of its own, which is gone when it is stopped', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);
  await page.locator('select[name=scenario]').selectOption('start-tcpcopy-intercept-rule');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  // Another lab is started meanwhile, and taps in it.
  const patience = { timeout: 120_000 };
  await page.getByText('What is shown here is the lab of the scenario').waitFor(patience);
  await page.locator('.timeline li', { hasText: 'Put there: tcpcopy' }).waitFor(patience);
  await page.locator('.timeline li.guard', { hasText: 'disarmed' }).waitFor(patience);
  const own = async () => (await findLabs()).filter((found) => found.name.startsWith('run-'));
  const [played] = (await own()).filter((found) => found.name.includes(String(command.pid)));
  expect(played).toBeDefined();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText('It came to no result').waitFor(patience);
  expect((await own()).map((found) => found.name)).not.toContain(played!.name);
  await page.getByRole('button', { name: `Back to ${name}` }).click();
  await page.locator('.level.armed').waitFor();
  command.kill('SIGINT');
  expect((await command).exitCode).toBe(0);
  await page.close();
});

test('a watch that is killed leaves nothing behind in the nodes', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);
  await shell(lab().node('client'), 'curl -s http://online/before');
  expect(await leftBehind()).not.toEqual([]);
  command.kill('SIGKILL');
  await command;
  await eventually(async () => (await leftBehind()).length === 0);
  await page.close();
});

test('a watch that is ended under load ends, and leaves nothing behind either', async () => {
  const { command, url } = await startWatch();
  const page = await openPage(url);
  const load = lab()
    .node('client')
    .exec(['ab', '-q', '-k', '-c', '10', '-t', '5', '-n', '1000000', 'http://online/']);
  await page.getByText('Too many to draw one by one').first().waitFor();
  command.kill('SIGINT');
  expect((await command).exitCode).toBe(0);
  await load;
  expect(await leftBehind()).toEqual([]);
  await page.close();
});
