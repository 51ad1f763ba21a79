import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryToWrite, writeReportFile } from '../../../src/report/files';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that a report goes to', () => {
  test('is tried without a trace', async () => {
    const [fresh, old] = [join(folder, 'fresh.html'), join(folder, 'old.html')];
    writeFileSync(old, 'as it was');
    await tryToWrite(fresh);
    await tryToWrite(old);
    expect(existsSync(fresh)).toBe(false);
    expect(readFileSync(old, 'utf8')).toBe('as it was');
  });

  test('is named where it cannot be written, before the work and behind it', async () => {
    const nowhere = join(folder, 'none', 'r.html');
    for (const work of [tryToWrite(nowhere), writeReportFile(nowhere, ''), tryToWrite(folder)])
      await expect(work).rejects.toThrow(expect.objectContaining({ name: 'ReportFileError' }));
    await expect(writeReportFile(nowhere, '')).rejects.toThrow(`${nowhere} cannot be written: ENOENT`);
  });

  test('is named where the disk is full, which the system does not do', async () => {
    await tryToWrite('/dev/full');
    await expect(writeReportFile('/dev/full', 'all of it')).rejects.toThrow(
      '/dev/full cannot be written: ENOSPC',
    );
  });
});
