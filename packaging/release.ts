/** The archives of one architecture. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOfPackage } from '../lab/engine/images/places';
import { VERSION } from '../src/process/version';
import { makeDeb } from './archives/deb';
import { makeTarball } from './archives/tarball';
import { billOfMaterials } from './content/bill';
import { DEBIAN_PLACES, PLAIN_PLACES, treeOf, type Contents } from './content/contents';
import { control, debianFiles, maintainerScripts } from './content/debian';
import { licenceText, partsInside } from './content/licences';
import { INGREDIENTS, type Architecture } from './executable/architectures';
import { makeExecutable } from './executable/executable';
import { obtainPackage } from './executable/fetch';
import { programTables } from './pages/programs';

export const FORMS = ['deb', 'tar'] as const;
export type Form = (typeof FORMS)[number];

export interface ReleaseOptions {
  readonly architecture: Architecture;
  /** A folder that is there. */
  readonly out: string;
  /** Seconds since 1970, of the commit. */
  readonly epoch_s: number;
  readonly forms: readonly Form[];
}

/** @returns the archives' paths */
export async function release(options: ReleaseOptions): Promise<string[]> {
  const work = await mkdtemp(join(options.out, '.work-'));
  try {
    return await releaseIn(work, options);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function releaseIn(
  work: string,
  { architecture, out, epoch_s, forms }: ReleaseOptions,
): Promise<string[]> {
  const executable = await makeExecutable(architecture, join(work, 'executable'));
  const parts = partsInside(
    await obtainPackage(INGREDIENTS[architecture].node),
    folderOfPackage('koffi'),
    folderOfPackage('http-parser-js'),
  );
  const contents: Contents = {
    executable,
    programs: programTables,
    edition: { version: VERSION, date: new Date(epoch_s * 1000).toISOString().slice(0, 10) },
    licences: await licenceText(parts),
    bill: await billOfMaterials(architecture, VERSION),
  };
  const name = `tcpcopy-lab_${VERSION}_${architecture}`;
  const make: Readonly<Record<Form, () => Promise<string>>> = {
    deb: async () => {
      const target = join(out, `${name}.deb`);
      await makeDeb({
        target,
        folder: join(work, 'deb'),
        tree: { ...(await treeOf(contents, DEBIAN_PLACES)), ...(await debianFiles(VERSION, epoch_s)) },
        control: control(VERSION, architecture),
        scripts: await maintainerScripts(),
        epoch_s,
      });
      return target;
    },
    tar: async () => {
      const target = join(out, `${name}.tar.gz`);
      const tree = await treeOf(contents, PLAIN_PLACES);
      await makeTarball(target, join(work, `tcpcopy-lab-${VERSION}`), tree, epoch_s);
      return target;
    },
  };
  const made: string[] = [];
  for (const form of forms) made.push(await make[form]());
  return made;
}
