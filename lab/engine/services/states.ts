/** How the user's containers of a lab stand. */
import { servicesOf, type PlannedService } from '../../plan/services';
import type { ServiceName } from '../../plan/step';
import { labels } from '../docker/labels';
import { findLab, type FoundLab } from '../labs/find';
import { lastLines } from './logs';

export interface ServiceState {
  readonly planned: PlannedService;
  /** The container's: `running`, `exited`, …; `missing` when there is none. */
  readonly state: string;
  /** It runs, or has ended well where it was to end. */
  readonly isAsPlanned: boolean;
}

export function serviceStatesOf(lab: FoundLab): ServiceState[] {
  return servicesOf(lab.topology).map((planned) => {
    const container = containerOf(lab, planned);
    const isAsPlanned =
      planned.until.kind === 'completed'
        ? /^Exited \(0\)/.test(container?.Status ?? '')
        : container?.State === 'running';
    return { planned, state: container?.State ?? 'missing', isAsPlanned };
  });
}

const containerOf = ({ containers }: FoundLab, { node, service }: ServiceName) =>
  containers.find(({ Labels }) => Labels[labels.serves] === node && Labels[labels.service] === service);

/** A container of the user's that does not run any more. */
export interface EndedService {
  readonly node: string;
  readonly service: string;
  /** As the engine says it, for example `Exited (1) 3 seconds ago`. */
  readonly status: string;
  /** Its last line; empty where it said nothing. */
  readonly said: string;
}

const LINES_MAX = 12;

/** Which services of a lab have ended, and should not have. */
export async function endedServices(lab: string): Promise<EndedService[]> {
  const found = await findLab(lab);
  const ended = serviceStatesOf(found).filter(({ isAsPlanned }) => !isAsPlanned);
  return Promise.all(
    ended.map(async ({ planned: { node, service } }) => {
      const container = containerOf(found, { node, service });
      const status = container?.Status ?? 'missing';
      return {
        node,
        service,
        status,
        said: container ? reasonIn(await lastLines(container.handle, LINES_MAX)) : '',
      };
    }),
  );
}

/** The line that says most: the one that names an error, or else the last. */
function reasonIn(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.findLast((line) => /error|exception|panic|fatal/i.test(line)) ?? lines.at(-1) ?? '';
}

/** In a sentence. */
export const endedAsText = ({ node, service, status, said }: EndedService): string =>
  `${service} on ${node} has ended (${status})${said === '' ? '' : `; it said: ${said}`}`;
