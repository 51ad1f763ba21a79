/** Where the parts of images stand: in a checkout of this project, or in the package that is made of it (scripts/package.ts). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of the checkout, or of what the package brings. */
export const projectRoot = join(import.meta.dirname, '../../..');

/** A package has its programs bundled, and no sources. */
export const bundledPrograms = join(projectRoot, 'programs');

export const isPackage = (): boolean => existsSync(bundledPrograms);

/**
 * The folder of an npm package: brought along, or where npm has put it, which may be a folder further up.
 *
 * @returns where it ought to be when it is not there
 */
export function folderOfPackage(name: string): string {
  const brought = join(projectRoot, 'modules', name);
  const candidates = [brought, ...foldersUp(projectRoot).map((folder) => join(folder, 'node_modules', name))];
  return candidates.find((folder) => existsSync(join(folder, 'package.json'))) ?? candidates[1]!;
}

function foldersUp(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersUp(above)];
}
