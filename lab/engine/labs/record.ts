/** What a lab is after a change: labels of parts that stay cannot be changed, so one more container, which never runs, has them. */
import { docker } from '../docker/connection';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { containerName } from '../docker/names';
import { findLab } from './find';

/** Earlier records go. @param image that is there */
export async function record(lab: LabIdentity, image: string): Promise<void> {
  const { containers } = await findLab(lab.name);
  const earlier = containers.filter(({ Labels }) => Labels[labels.record] !== undefined);
  await docker().createContainer({
    name: containerName(lab.name, `record-${lab.revision}`),
    Image: image,
    Cmd: ['true'],
    Labels: { ...labelsOf(lab), [labels.record]: 'true' },
    HostConfig: { NetworkMode: 'none' },
  });
  await Promise.all(earlier.map(({ handle }) => handle.remove({ force: true })));
}
