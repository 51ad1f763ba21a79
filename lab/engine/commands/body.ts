/** What a node is: a container of the lab's, or a machine that is there already. */
import type { Container } from 'dockerode';
import { containerOf } from '../labs/containers';
import type { FoundLab } from '../labs/find';
import { Machine, machinesOf } from '../machines/machine';

export type NodeBody = Container | Machine;

export const isMachine = (body: NodeBody): body is Machine => body instanceof Machine;

/** That of a running node. @throws LabError `NODE_UNKNOWN`, `LAB_INCOMPLETE` */
export const bodyOf = (lab: FoundLab, node: string): NodeBody =>
  machinesOf(lab.topology).get(node) ?? containerOf(lab, node);
