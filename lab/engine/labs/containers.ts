import type { Container } from 'dockerode';
import { LabError } from '../docker/errors';
import type { FoundLab } from './find';
import { labels } from '../docker/labels';
import { servicesOf } from '../../plan/services';

/** A running container of the user's. */
export function serviceContainerOf(lab: FoundLab, node: string, service: string): Container {
  const found = lab.containers.filter(({ Labels }) => Labels[labels.serves] === node);
  const names = servicesOf(lab.topology)
    .filter((one) => one.node === node)
    .map((one) => one.service);
  if (!names.includes(service)) {
    throw new LabError(
      'SERVICE_UNKNOWN',
      `${node} of lab ${lab.name} has no service named ${service}.`,
      names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none: leave out --in.',
    );
  }
  const container = found.find(({ Labels }) => Labels[labels.service] === service);
  if (container) return container.handle;
  throw new LabError(
    'LAB_INCOMPLETE',
    `${service} of ${node} is not there any more.`,
    `\`lab down ${lab.name}\`, then \`lab up\`.`,
  );
}

/** A node's running container. */
export function containerOf(lab: FoundLab, node: string): Container {
  const names = Object.keys(lab.topology.nodes);
  if (!names.includes(node)) {
    throw new LabError(
      'NODE_UNKNOWN',
      `Lab ${lab.name} has no node named ${node}.`,
      `Its nodes: ${names.join(', ')}.`,
    );
  }
  const container = lab.containers.find(({ Labels }) => Labels[labels.node] === node);
  if (container?.State === 'running') return container.handle;
  if (!container && lab.unreached.length > 0)
    throw new LabError(
      'ENGINE_UNREACHABLE',
      `Node ${node} of lab ${lab.name} is not seen, as ${lab.unreached.join(' and ')} does not answer.`,
      `Once it is back, the lab goes on, or \`lab down ${lab.name}\` removes what is left there.`,
    );
  throw new LabError(
    'LAB_INCOMPLETE',
    `Node ${node} of lab ${lab.name} is not running.`,
    `Remove what is left with \`lab down ${lab.name}\`, then \`lab up\`.`,
  );
}
