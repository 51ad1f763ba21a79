/** What can go wrong between a lab and its Docker engine, with whose turn it is to mend it. */
export type LabErrorCode =
  | 'ENGINE_UNREACHABLE'
  | 'ENGINE_UNSUPPORTED'
  | 'ENGINE_UNKNOWN'
  | 'ENGINE_ADDRESS_INVALID'
  | 'SWARM_MISSING'
  | 'IMAGE_NOT_BROUGHT'
  | 'IMAGE_BUILD_FAILED'
  | 'BASE_IMAGE_UNAVAILABLE'
  | 'PACKAGES_MISSING'
  | 'SERVICE_IMAGE_UNAVAILABLE'
  | 'SERVICE_FAILED'
  | 'SUBNET_TAKEN'
  | 'NAME_TAKEN'
  | 'COMPONENTS_UNUSABLE'
  | 'COMPONENTS_DIFFER'
  | 'FLAVOUR_UNKNOWN'
  | 'FLAVOUR_UNUSABLE'
  | 'STEP_FAILED'
  | 'REMOVAL_FAILED'
  | 'LAB_UNKNOWN'
  | 'LAB_AMBIGUOUS'
  | 'LAB_INCOMPLETE'
  | 'LAB_BEING_STARTED'
  | 'LAB_RUNNING'
  | 'LAB_NAME_INVALID'
  | 'NODE_UNKNOWN'
  | 'SERVICE_UNKNOWN'
  | 'NETWORK_UNKNOWN'
  | 'LINK_UNAVAILABLE'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'COMMAND_TIMED_OUT'
  | 'COMMAND_CUT_OFF'
  | 'MACHINE_UNREACHABLE'
  | 'MACHINE_UNFIT'
  | 'MACHINES_NOT_AGREED'
  | 'CAPTURE_REFUSED'
  | 'INTERRUPTED';

/** An operating error: `message` says what happened, `mend` what the user can do about it. */
export class LabError extends Error {
  constructor(
    readonly code: LabErrorCode,
    message: string,
    readonly mend?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'LabError';
  }
}

/** Whether somebody else has just taken what was to be made: with another, or a moment later, it may be had. */
export const isTaken = (thrown: unknown): thrown is LabError =>
  thrown instanceof LabError && (thrown.code === 'SUBNET_TAKEN' || thrown.code === 'NAME_TAKEN');

/** An engine of a swarm that has not heard yet that a network is gone says so as a fault of its own (500). */
export const isGoneNetwork = (thrown: unknown): boolean => /network \S+ not found/.test(reasonOf(thrown));

/** Somewhere in the swarm a container is still on it, or only an engine knows of it still that is not asked to remove any. */
export const isUsedNetwork = (thrown: unknown): boolean =>
  /network \S+ is in use|not a swarm manager/.test(reasonOf(thrown));

/** The text of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
