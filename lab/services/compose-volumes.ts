/** What a service mounts. Online and test must share nothing that either can write. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { TopologyFault } from '../topology/faults';
import { faultsOfPath } from './paths';
import type { ServiceForm } from './compose-form';
import type { ComposeFile } from './compose-file';

export interface Mounts {
  readonly files: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly tmpfs: Readonly<Record<string, string>>;
  /** Names of the file's volumes that are among them. */
  readonly named: readonly string[];
}

interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string | undefined;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** @param place of the service */
export function mountsOf(
  file: ComposeFile,
  { volumes = [], tmpfs = [] }: ServiceForm,
  place: string,
  faults: TopologyFault[],
): Mounts {
  const files: Record<string, string> = {};
  const own: string[] = [];
  const memory: Record<string, string> = {};
  const named: string[] = [];
  for (const entry of tmpfs) {
    const [target, options = ''] = entry.split(/:(.*)/) as [string, string?];
    memory[target] = options;
  }
  volumes.forEach((volume, index) => {
    const here = `${place}.volumes.${index}`;
    const { type, source, target, isReadOnly } =
      typeof volume === 'string' ? mountIn(volume) : mountFrom(volume);
    if (!target.startsWith('/')) {
      faults.push({
        place: here,
        message: `${target} is not an absolute path`,
        mend: 'Write where it is in the container.',
      });
    } else if (type === 'tmpfs') memory[target] = '';
    else if (type === 'volume') {
      own.push(target);
      if (source === undefined) return;
      named.push(source);
      if (file.volumes.includes(source)) return;
      faults.push({
        place: here,
        message: `there is no volume ${source}`,
        mend: 'Declare it under volumes.',
      });
    } else if (!isReadOnly) {
      const message = `${source ?? ''} can be written, and online and test would share it`;
      faults.push({ place: here, message, mend: 'Add :ro, or make it a volume.' });
    } else {
      const path = resolve(file.folder, (source ?? '').replace(/^~/, homedir()));
      faults.push(...faultsOfPath(path, here));
      files[target] = path;
    }
  });
  return { files, volumes: own, tmpfs: memory, named };
}

function mountIn(text: string): Mount {
  const parts = text.split(':');
  if (parts.length === 1) return { type: 'volume', source: undefined, target: text, isReadOnly: false };
  const [source, target, mode = ''] = parts as [string, string, string?];
  const type = /^[./~]/.test(source) ? 'bind' : 'volume';
  return { type, source, target, isReadOnly: mode.split(',').includes('ro') };
}

const mountFrom = ({
  type,
  source,
  target,
  read_only: isReadOnly = false,
}: Exclude<NonNullable<ServiceForm['volumes']>[number], string>): Mount => ({
  type,
  source,
  target,
  isReadOnly,
});
