import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingsIn } from '../../lab/web/record/html';
import type { Recording } from '../../lab/web/messages/recording';

const root = join(import.meta.dirname, '../..');

/** What a seed decides; addresses are those of where the lab was. */
function toldIn(page: string): unknown {
  const { run, messages, requests } = recordingsIn(page).recordings[0] as Recording;
  const steps = messages.flatMap(({ message }) => (message.kind === 'step' ? [message.step] : []));
  const results = messages.flatMap(({ message }) => (message.kind === 'result' ? [message.result] : []));
  const told = { run, steps, requests, verdicts: results.map(({ verdict }) => verdict) };
  return JSON.parse(JSON.stringify(told).replace(/198\.1[89]\.\d+\./g, '198.18.x.'));
}

test('a seed records the same steps, requests and verdict again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'recordings-'));
  try {
    const out = join(directory, 'demo.html');
    const shipped = readFileSync(join(root, 'docs/demos/teardown.html'), 'utf8');
    const { name, seed } = recordingsIn(shipped).recordings[0]!.run;
    await execa(join(root, 'bin/lab'), ['record-demo', name, '--seed', String(seed), '--out', out]);
    const page = readFileSync(out, 'utf8');
    expect(toldIn(page)).toEqual(toldIn(shipped));
    const { messages, exchanges } = recordingsIn(page).recordings[0]!;
    expect(new Set(messages.map(({ message }) => message.kind))).toEqual(
      new Set(['run', 'picture', 'reading', 'mode', 'guard', 'frames', 'leaks', 'step', 'result']),
    );
    // Both worlds are seen, also what never leaves the test server.
    const kinds = new Set(exchanges.flatMap(({ steps }) => steps.map(({ frame }) => frame.kind)));
    expect([...kinds].toSorted()).toEqual(['answer', 'copy', 'request', 'response']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('what cannot be recorded is refused before anything is started', async () => {
  for (const args of [['nothing'], ['rule-removed', '--topology', 'data-link']]) {
    const { exitCode, stderr } = await execa(join(root, 'bin/lab'), ['record-demo', ...args], {
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/no scenario named|goes with verify/)]);
  }
});
