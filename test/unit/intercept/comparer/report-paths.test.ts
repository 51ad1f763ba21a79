import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReports } from '../../../../src/intercept/comparer/report-paths';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('where reports are to go', () => {
  test('is tried at the start, and left as it was', () => {
    writeFileSync(join(folder, 'r.json'), 'of yesterday');
    tryReports([join(folder, 'r.html'), join(folder, 'r.json')]);
    expect(readdirSync(folder)).toEqual(['r.json']);
  });

  test('is named with its option where nothing can be written, or a link would be followed', () => {
    const nowhere = join(folder, 'none/r.html');
    expect(() => tryReports([nowhere])).toThrow(`cannot write the report ${nowhere} (--compare-out): ENOENT`);
    symlinkSync('/etc/passwd', join(folder, 'r.html.new'));
    expect(() => tryReports([join(folder, 'r.html')])).toThrow(/r\.html \(--compare-out\)/);
  });
});
