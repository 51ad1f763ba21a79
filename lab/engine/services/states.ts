/** How the user's containers of a lab stand. */
import { servicesOf, type PlannedService } from '../../plan/services';
import { labels } from '../docker/labels';
import type { FoundLab } from '../labs/find';

export interface ServiceState {
  readonly planned: PlannedService;
  /** The container's: `running`, `exited`, …; `missing` when there is none. */
  readonly state: string;
  /** It runs, or has ended well where it was to end. */
  readonly isAsPlanned: boolean;
}

export function serviceStatesOf({ topology, containers }: FoundLab): ServiceState[] {
  return servicesOf(topology).map((planned) => {
    const container = containers.find(
      ({ Labels }) => Labels[labels.serves] === planned.node && Labels[labels.service] === planned.service,
    );
    const isAsPlanned =
      planned.until.kind === 'completed'
        ? /^Exited \(0\)/.test(container?.Status ?? '')
        : container?.State === 'running';
    return { planned, state: container?.State ?? 'missing', isAsPlanned };
  });
}
