/** Faults with files and folders that a topology names. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TopologyFault } from '../topology/faults';

export function faultsOfPath(path: string, place: string): TopologyFault[] {
  if (statSync(path, { throwIfNoEntry: false })) return [];
  return [
    {
      place,
      message: `there is no ${path}`,
      mend: 'Paths are relative to the folder of the file they stand in.',
    },
  ];
}

/** Of a folder that an image is to be built from. */
export function faultsOfBuild(folder: string, dockerfile: string, place: string): TopologyFault[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const mend = 'Paths are relative to the folder of the file they stand in.';
    return [{ place, message: `there is no folder ${folder}`, mend }];
  }
  if (statSync(join(folder, dockerfile), { throwIfNoEntry: false })?.isFile()) return [];
  return [{ place, message: `${folder} has no ${dockerfile}`, mend: 'Write one there.' }];
}
