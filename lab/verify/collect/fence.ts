/** The fences of the test side, tried, and what they have recorded. */
import type { RunningLab } from '../../engine/commands/lab';
import { recordIn } from '../../fence/outside-call';
import { RECORD_FILE } from '../../fence/place';
import { fencedPlaces, fenceStands, tellingOf } from '../../plan/fence';
import type { FenceState } from '../evidence/fence-state';

export function collectFences(lab: RunningLab): Promise<FenceState[]> {
  return Promise.all(
    fencedPlaces(lab.topology).map(async (place): Promise<FenceState> => {
      const node = lab.node(place.holder);
      const { exitCode, stdout, stderr } = await node.exec(fenceStands(place.holder).argv);
      const said = `${stdout.toString()}${stderr.toString()}`.trim();
      // What was called before is in the record now: the probe came behind it.
      const record = await node.exec(['cat', RECORD_FILE]);
      return {
        holder: place.holder,
        telling: tellingOf(lab.topology, place),
        fault: exitCode === 0 ? undefined : said || `lab-fence check ended with status ${exitCode}`,
        record: recordIn(record.stdout.toString()),
      };
    }),
  );
}
