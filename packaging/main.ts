/** `make dist`: packages for each architecture in dist/release, and their hashes; the same bytes from the same commit. */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../lab/engine/images/places';
import { ARCHITECTURES, type Architecture } from './executable/architectures';
import { FORMS, release, type Form } from './release';

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: ARCHITECTURES.join(',') },
    form: { type: 'string', default: FORMS.join(',') },
    out: { type: 'string', default: join(projectRoot, 'dist/release') },
  },
});

const architectures = values.arch.split(',') as Architecture[];
for (const one of architectures.filter((name) => !ARCHITECTURES.includes(name)))
  throw new Error(`There are no executables for ${one}: ${ARCHITECTURES.join(', ')}.`);
const forms = values.form.split(',') as Form[];
for (const one of forms.filter((name) => !FORMS.includes(name)))
  throw new Error(`There are no archives ${one}: ${FORMS.join(', ')}.`);

const epoch_s = Number(process.env['SOURCE_DATE_EPOCH'] ?? (await commitTime()));
await rm(values.out, { recursive: true, force: true });
await mkdir(values.out, { recursive: true });
const files: string[] = [];
for (const architecture of architectures)
  files.push(...(await release({ architecture, out: values.out, epoch_s, forms })));

const sums = await Promise.all(
  files.map(
    async (file) =>
      `${createHash('sha256')
        .update(await readFile(file))
        .digest('hex')}  ${basename(file)}\n`,
  ),
);
await writeFile(join(values.out, 'SHA256SUMS'), sums.join(''));
for (const file of files) {
  const { size } = await stat(file);
  process.stdout.write(`${(size / 1e6).toFixed(1).padStart(7)} MB  ${file}\n`);
}

/** Seconds since 1970. */
async function commitTime(): Promise<string> {
  const { stdout } = await execa('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot });
  return stdout;
}
