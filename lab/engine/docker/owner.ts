/** The program that started a lab, so that others can tell whether it is still there. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told apart from all that have its number before, after, or in another place. */
export interface Owner {
  /** Host and PID namespace: the numbers of others mean nothing here. */
  readonly place: string;
  /** The kernel's id of the boot (random(4), `boot_id`). */
  readonly boot: string;
  readonly pid: number;
  /** When it began, in clock ticks after the boot (proc(5), `starttime`). */
  readonly began: string;
}

/** This process. */
export function thisProcess(): Owner {
  return { ...here(), pid: process.pid, began: beganOf(process.pid) ?? '' };
}

/** True when it is known to have ended: what it alone used is nobody's any more. */
export function isGone({ place, boot, pid, began }: Owner): boolean {
  const now = here();
  return place === now.place && (boot !== now.boot || beganOf(pid) !== began);
}

/** A zombie, whose end nobody has asked for: it may stay for as long as its parent. */
const ENDED = 'Z';

function here(): Pick<Owner, 'place' | 'boot'> {
  return {
    place: `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`,
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  };
}

/** Undefined when no process of that number runs. The name, in parentheses, may hold anything; behind it the state comes first. */
function beganOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === ENDED ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
