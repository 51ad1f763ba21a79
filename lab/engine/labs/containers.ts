import { LabError } from '../docker/errors';
import type { FoundLab } from './find';
import { labels } from '../docker/labels';

/** The id of a node's running container. */
export function containerOf(lab: FoundLab, node: string): string {
  const names = Object.keys(lab.topology.nodes);
  if (!names.includes(node)) {
    throw new LabError(
      'NODE_UNKNOWN',
      `Lab ${lab.name} has no node named ${node}.`,
      `Its nodes: ${names.join(', ')}.`,
    );
  }
  const container = lab.containers.find(({ Labels }) => Labels[labels.node] === node);
  if (container?.State === 'running') return container.Id;
  throw new LabError(
    'LAB_INCOMPLETE',
    `Node ${node} of lab ${lab.name} is not running.`,
    `Remove what is left with \`lab down ${lab.name}\`, then \`lab up\`.`,
  );
}
