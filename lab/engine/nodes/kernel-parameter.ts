/** Parameters of a node's kernel, which are read-only within it: a container beside it sets them, and is gone again. */
import { Writable } from 'node:stream';
import type { Container } from 'dockerode';
import { containerOf } from '../labs/containers';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';
import { findLab } from '../labs/find';
import { labelsOf } from '../docker/labels';

/** @param name for example `net.ipv4.ip_forward` */
export async function setKernelParameter(
  labName: string,
  node: string,
  name: string,
  value: string,
): Promise<void> {
  const lab = await findLab(labName);
  const of = containerOf(lab, node);
  const { Image } = await of.inspect();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const [{ StatusCode }, container] = (await docker().run(
    Image,
    ['sysctl', '-qw', `${name}=${value}`],
    nowhere,
    {
      Labels: labelsOf(lab),
      HostConfig: {
        NetworkMode: `container:${of.id}`,
        CapDrop: ['ALL'],
        CapAdd: ['NET_ADMIN'],
        // Nothing is read-only: /proc/sys is then the one of the node's network namespace.
        ReadonlyPaths: [],
      },
    },
  )) as [{ StatusCode: number }, Container];
  // By the engine itself it could be gone before it is asked how it ended.
  await container.remove();
  if (StatusCode === 0) return;
  throw new LabError(
    'STEP_FAILED',
    `${name} of ${node} could not be set to ${value} (status ${StatusCode}).`,
  );
}
