/** What is wrong with a topology, in a form that a person can act upon. */

export interface TopologyFault {
  /** Where, as a path into the topology, for example `nodes.client.address`. */
  readonly place: string;
  /** What is wrong there. */
  readonly message: string;
  /** What to write instead. */
  readonly mend: string;
}

/** All faults of a topology at once. */
export class TopologyError extends Error {
  readonly code = 'TOPOLOGY_INVALID';

  constructor(
    /** Name or file of the topology. */
    readonly topology: string,
    readonly faults: readonly TopologyFault[],
  ) {
    super(
      [
        `Topology ${topology} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:`,
        ...faults.map(({ place, message, mend }) => `  ${place}: ${message}\n    ${mend}`),
      ].join('\n'),
    );
    this.name = 'TopologyError';
  }
}
