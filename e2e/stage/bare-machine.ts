/** Servers that have nothing of this project, in the place of a lab's nodes: of these they have the network only. */
import { execa } from 'execa';
import { ensureBareImage } from '../../lab/engine/images/ensure';
import { silent } from '../../lab/engine/docker/progress';
import type { Lab } from '../../lab/library';

export interface BareMachine extends AsyncDisposable {
  /** Runs a line of shell as root, and insists on its success. @returns what it said */
  shell(line: string): Promise<string>;
}

/** @param folder of this machine, which stands there as /packages, to be read */
export async function bareMachine(lab: Lab, node: string, folder: string): Promise<BareMachine> {
  const image = await ensureBareImage(silent);
  const name = `tcpcopy-lab-${lab.name}-${node}-bare`;
  // Whoever looks for the programs in the node finds them by its processes.
  const shared = `container:tcpcopy-lab-${lab.name}-${node}`;
  const rights = ['--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW'];
  const place = ['--network', shared, '--pid', shared, '--volume', `${folder}:/packages:ro`];
  await execa('docker', ['run', '-d', '--rm', '--name', name, ...place, ...rights, image]);
  return {
    shell: async (line) => (await execa('docker', ['exec', name, 'sh', '-ec', line], { all: true })).all,
    async [Symbol.asyncDispose]() {
      await execa('docker', ['rm', '-f', name]);
    },
  };
}
