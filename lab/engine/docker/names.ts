/** What Docker calls the parts of a lab. For people to read; nothing is ever found or removed by these names. */

/** Whether a lab can be called so. */
export const isLabName = (name: string): boolean =>
  new RegExp(`^[a-z][a-z0-9-]{0,${labName_max - 1}}$`).test(name);
export const labName_max = 31;
export const labNameForm = 'Use lower-case letters, digits and dashes, beginning with a letter, at most 31.';

export function containerName(lab: string, node: string): string {
  return `tcpcopy-lab-${lab}-${node}`;
}

export function serviceContainerName(lab: string, node: string, service: string): string {
  return `tcpcopy-lab-${lab}-${node}-${service}`;
}

export function networkName(lab: string, network: string): string {
  return `tcpcopy-lab-${lab}-${network}`;
}

/** The pseudo-node in the host's network namespace; no topology can have a node of this name. */
export const hostNodeName = '(host)';

/** Docker names a bridge after the first twelve digits of its network's id. */
export const bridgeName = (networkId: string): string => `br-${networkId.slice(0, 12)}`;

/** Whether a device of the host may be the bridge of a Docker network. */
export const isBridge = (device: string): boolean => /^br-[0-9a-f]{12}$/.test(device);
