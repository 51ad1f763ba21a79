/** A classic BPF program (linux/filter.h) for a socket of rtnetlink(7) that only wants to know of addresses. */
import { assemble, branch, CODE, DROP, instruction, LET_IN } from '../filter/classic-bpf';
import { RTM_DELROUTE, RTM_NEWROUTE, RTN_LOCAL } from './rtnetlink';

/** Offsets in a message of rtnetlink(7): the low byte of its type, and the type of a route. */
const MESSAGE_TYPE = 4;
const ROUTE_TYPE = 23;

/** Of what rtnetlink tells: everything but routes, and of these the local ones. Others may come in thousands. */
export const localRouteFilter = (): Uint8Array =>
  assemble([
    instruction(CODE.loadByte, MESSAGE_TYPE),
    branch(CODE.jumpEqual, RTM_NEWROUTE, 2, 0),
    branch(CODE.jumpEqual, RTM_DELROUTE, 1, 0),
    LET_IN,
    instruction(CODE.loadByte, ROUTE_TYPE),
    branch(CODE.jumpEqual, RTN_LOCAL, 1, 0),
    DROP,
    LET_IN,
  ]);
