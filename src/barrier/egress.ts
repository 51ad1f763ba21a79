/** Puts the last net on devices, by tc(8), and takes it off again. */
import { interfaceIndex } from '../kernel/interface-index';
import { openKernel } from '../kernel/kernel';
import { askWith, readText, type Answer } from '../process/ask';
import { FAMILIES, type Family } from '../wire/address/address';
import { bytecodeOf, egressProgram } from './egress-filter';
import type { Barrier } from './wanted';

/** Before whatever else is there; each family has its own, for a preference is of one protocol. */
const PREFERENCES: Readonly<Record<Family, number>> = { 4: 4141, 6: 4142 };
const PROTOCOLS: Readonly<Record<Family, string>> = { 4: 'ip', 6: 'ipv6' };
const LOOPBACK = 'lo';

/** A device that it cannot be put on; another one that has its name later is another device. */
export interface Refusal {
  readonly device: string;
  /** By which the kernel knows it. */
  readonly index: number;
  /** As tc says. */
  readonly reason: string;
}

/** @param shown by `tc filter show` @returns how often a filter stands there that is of this handle and says this */
export function standingFilters(shown: string, handle: string, bytecode: string): number {
  const isIt = (line: string): boolean =>
    line.includes(` handle ${handle} `) && line.includes(`'${bytecode}'`);
  return shown.split('\n').filter(isIt).length;
}

export class Egress {
  readonly #filters: readonly string[];
  readonly #handle: string;
  /** Which of them had no way for filters until an intercept made one: this one, or one that was killed. */
  readonly #made = new Set<string>();
  readonly #refused = new Map<string, Refusal>();
  #untold: Refusal[] = [];

  constructor(barrier: Barrier) {
    // Zero is no handle.
    this.#handle = `0x${(barrier.queue + 1).toString(16)}`;
    this.#filters = FAMILIES.map((family) => bytecodeOf(egressProgram(barrier, family)));
  }

  /** What an intercept that was killed has left on devices is from now on ours to take away. */
  async takeOver(): Promise<void> {
    for (const device of devicesNow()) if (await this.#standsOnAll([device])) this.#made.add(device);
  }

  /** @returns those since it was last asked */
  takeRefusals(): readonly Refusal[] {
    const refusals = this.#untold;
    this.#untold = [];
    return refusals;
  }

  /** @returns devices where it was missing, and stands now */
  async mend(): Promise<string[]> {
    const devices = devicesNow();
    for (const { device, index } of this.#refused.values())
      if (indexOf(device) !== index || !devices.includes(device)) this.#refused.delete(device);
    if (await this.#standsOnAll(devices.filter((device) => !this.#refused.has(device)))) return [];
    const mended: string[] = [];
    for (const device of devices) {
      if (this.#refused.has(device) || (await this.#standsOnAll([device]))) continue;
      // Before, for meanwhile it may go, and another one come by its name.
      const index = indexOf(device);
      const reason = await this.#putOn(device);
      if (reason === undefined) mended.push(device);
      else if (index !== undefined && index === indexOf(device)) this.#refuse({ device, index, reason });
    }
    return mended;
  }

  async takeAway(): Promise<void> {
    for (const device of devicesNow().filter((one) => !this.#refused.has(one))) {
      const removals = FAMILIES.map((family) => `filter del ${this.#place(device, family)} bpf`);
      await tc(removals, '-force');
      const left = await tc([`filter show dev ${device} egress`, `filter show dev ${device} ingress`]);
      if (this.#made.has(device) && left.kind === 'said' && left.text.trim() === '')
        await tc([`qdisc del dev ${device} clsact`]);
    }
  }

  #refuse(refusal: Refusal): void {
    this.#refused.set(refusal.device, refusal);
    this.#untold.push(refusal);
  }

  /** Asked once for all, since it is asked each second. */
  async #standsOnAll(devices: readonly string[]): Promise<boolean> {
    const shown = await tc(devices.map((device) => `filter show dev ${device} egress`));
    const isWhole = (bytecode: string): boolean =>
      shown.kind === 'said' && standingFilters(shown.text, this.#handle, bytecode) === devices.length;
    return devices.length === 0 || this.#filters.every(isWhole);
  }

  /** @returns why not */
  async #putOn(device: string): Promise<string | undefined> {
    const made = await tc([`qdisc add dev ${device} clsact`]);
    if (made.kind === 'said') this.#made.add(device);
    const put = await tc(
      FAMILIES.map(
        (family, index) =>
          `filter replace ${this.#place(device, family)} bpf direct-action bytecode "${this.#filters[index]!}"`,
      ),
    );
    if (put.kind === 'not-installed') return 'there is no tc (iproute2)';
    return put.kind === 'failed' ? put.reason.split('\n')[0]! : undefined;
  }

  #place(device: string, family: Family): string {
    return `dev ${device} egress protocol ${PROTOCOLS[family]} pref ${PREFERENCES[family]} handle ${this.#handle}`;
  }
}

const tc = (lines: readonly string[], ...how: readonly string[]): Promise<Answer> =>
  askWith(`${lines.join('\n')}\n`, 'tc', ...how, '-batch', '-');

/** Of this network namespace; what stays on the machine is nobody's response. */
function devicesNow(): string[] {
  const lines = (readText('/proc/self/net/dev') ?? '').split('\n').slice(2);
  return lines.map((line) => line.split(':')[0]!.trim()).filter((name) => name !== '' && name !== LOOPBACK);
}

const indexOf = (device: string): number | undefined => interfaceIndex(openKernel(), device);
