import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportAsJson } from '../../../lab/report/json';
import { keepEvidence } from '../../../lab/report/keep';
import { reportAsText } from '../../../lab/report/text';
import { judge } from '../../../lab/verify/judge';
import { packetsIn } from '../../../src/wire/capture/capture-file';
import { readPcapFileHeader } from '../../../src/wire/capture/pcap';
import { evidenceOf, healthyLab } from '../verify/world/lab';

const evidence = evidenceOf(healthyLab('http', 7, 30));
const verification = judge(evidence);

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keep-'));
});
afterEach(() => rm(home, { recursive: true }));

test('evidence is kept as a capture for each tap, and the report in both forms', async () => {
  const directory = join(home, 'not', 'there', 'yet');
  await keepEvidence(directory, evidence, verification);
  expect((await readdir(directory)).toSorted()).toEqual([
    'bridge-lan.pcap',
    'client-2.pcap',
    'client.pcap',
    'online.pcap',
    'report.json',
    'report.txt',
    'test-elsewhere.pcap',
    'test.pcap',
  ]);
  const json = await readFile(join(directory, 'report.json'), 'utf8');
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(reportAsJson(verification))));
  expect(await readFile(join(directory, 'report.txt'), 'utf8')).toBe(`${reportAsText(verification)}\n`);
});

test('kept captures are whole pcap files', async () => {
  await keepEvidence(home, evidence, verification);
  for (const tap of evidence.taps) {
    const file = await readFile(join(home, `${tap.name.replace(' ', '-')}.pcap`));
    expect(Buffer.compare(file, Buffer.from(tap.capture))).toBe(0);
    expect(readPcapFileHeader(file)).toMatchObject({ linkType: 1 });
    expect([...packetsIn(file)].length).toBeGreaterThanOrEqual(2);
  }
});

test('evidence of a second run replaces that of the first', async () => {
  await keepEvidence(home, evidence, verification);
  const broken = { ...evidence, taps: evidence.taps.slice(1) };
  await keepEvidence(home, broken, judge(broken));
  expect(await readFile(join(home, 'report.txt'), 'utf8')).toMatch(/^FAIL/);
});
