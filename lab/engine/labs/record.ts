/** What a lab is after a change: labels of parts that stay cannot be changed, so one more container, which never runs, has them. */
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { containerName } from '../docker/names';
import { homeOf } from './engine-for';
import { findLab, type FoundLab } from './find';

/** Earlier records go. @param image that is there */
export async function record(lab: LabIdentity, image: string): Promise<void> {
  const { containers } = await findLab(lab.name);
  const earlier = containers.filter(({ Labels }) => Labels[labels.record] !== undefined);
  await homeOf(lab).api.createContainer({
    name: containerName(lab.name, `record-${lab.revision}`),
    Image: image,
    Cmd: ['true'],
    Labels: { ...labelsOf(lab), [labels.record]: 'true' },
    HostConfig: { NetworkMode: 'none' },
  });
  await Promise.all(earlier.map(({ handle }) => handle.remove({ force: true })));
}

/** The container that says so. */
export const leftName = ({ name }: Pick<LabIdentity, 'name'>): string => containerName(name, 'left');

/** What is known of a lab that is gone, but for machines which do not answer. @param names of these nodes */
export async function recordLeft(lab: FoundLab, names: readonly string[]): Promise<void> {
  const earlier = lab.containers.filter(({ Labels }) => Labels[labels.left] !== undefined);
  const [one] = lab.containers;
  // Without a container nothing was ever taken: one comes before machines.
  if (earlier.length > 0 || !one) return;
  await homeOf(lab).api.createContainer({
    name: leftName(lab),
    Image: one.ImageID,
    Cmd: ['true'],
    Labels: { ...labelsOf(lab), [labels.left]: JSON.stringify(names) },
    HostConfig: { NetworkMode: 'none' },
  });
}
