/** The machines that a lab has taken, while it is taken down: what cannot be undone there now is left, and told. */
import type { Undo } from '../plan/step';
import { reasonOf } from './docker/errors';
import type { Progress } from './docker/progress';
import type { FoundLab } from './labs/find';
import { machinesOf } from './machines/machine';
import { leaveMachine, takenBy, type Taken } from './machines/take';
import { undoCommand } from './undo';

export interface TakenMachines {
  /** Of nodes on which something of the lab is left: why. */
  readonly left: ReadonlyMap<string, string>;
  concerns(undo: Undo): boolean;
  /** What guards goes after what it guards against: behind a failure nothing more is undone on its machine. */
  undo(undo: Undo, progress: Progress): Promise<void>;
}

export async function takenMachines(lab: FoundLab): Promise<TakenMachines> {
  const machines = machinesOf(lab.topology);
  const left = new Map<string, string>();
  const taken = new Map<string, Taken>();
  await Promise.all(
    [...machines].map(async ([name, machine]) => {
      try {
        taken.set(name, await takenBy(lab, machine));
      } catch (failure) {
        left.set(name, reasonOf(failure));
      }
    }),
  );
  return {
    left,
    concerns: (undo) => 'node' in undo && machines.has(undo.node),
    async undo(undo, progress) {
      if (undo.kind !== 'command' && undo.kind !== 'machine') return;
      const how = taken.get(undo.node);
      if (left.has(undo.node) || how === undefined || how === 'no') return;
      const machine = machines.get(undo.node)!;
      const isCommand = undo.kind === 'command';
      if (isCommand && how === 'part') return;
      try {
        await progress.step(isCommand ? undo.title : `leave ${undo.title}`, () =>
          isCommand ? undoCommand(undo, () => machine) : leaveMachine(lab, machine),
        );
      } catch (failure) {
        left.set(undo.node, `${undo.title}: ${reasonOf(failure)}`);
      }
    },
  };
}
