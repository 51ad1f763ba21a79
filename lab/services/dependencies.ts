/** A service of a Compose file with all that it depends on. */
import type { TopologyFault } from '../topology/faults';
import type { ServiceForm } from './compose-form';
import { serviceIn, type ComposeFile } from './compose-file';
import { translate, type TranslatedService } from './compose-service';

/** By name, each after those that it needs; the wanted one is the last. Undefined when one of them has a fault. */
export function withDependencies(
  file: ComposeFile,
  wanted: string,
  faults: TopologyFault[],
): Map<string, TranslatedService> | undefined {
  const before = faults.length;
  const ordered = new Map<string, TranslatedService>();
  const seen = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    if (above.includes(name)) {
      const circle = [...above.slice(above.indexOf(name)), name].join(' needs ');
      faults.push({
        place: file.path,
        message: `services wait for each other: ${circle}`,
        mend: 'Break the circle.',
      });
      return;
    }
    if (seen.has(name)) return;
    seen.add(name);
    const form = serviceIn(file, name, faults);
    if (!form) return;
    for (const [needed] of neededBy(file, form)) visit(needed, [...above, name]);
    ordered.set(name, translate(file, name, form, faults));
  };
  visit(wanted, []);
  faults.push(...faultsOfNames(file, ordered), ...faultsOfSharedVolumes(file, ordered));
  return faults.length === before ? ordered : undefined;
}

/** What is not required and not there is left out, as Compose does. */
const neededBy = ({ services }: ComposeFile, { depends_on: all = [] }: ServiceForm) =>
  all.filter(([name, { required }]) => required !== false || Object.hasOwn(services, name));

/** Docker's names, which JavaScript does not take for numbers. */
function faultsOfNames({ path }: ComposeFile, services: ReadonlyMap<string, unknown>): TopologyFault[] {
  return [...services.keys()]
    .filter((name) => !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name))
    .map((name) => ({
      place: `${path} services.${name}`,
      message: 'a service needs a name that begins with a letter',
      mend: 'Use letters, digits, dashes, underscores and dots.',
    }));
}

/** A volume goes with its container, and so belongs to one. */
function faultsOfSharedVolumes(
  { path }: ComposeFile,
  services: ReadonlyMap<string, TranslatedService>,
): TopologyFault[] {
  const holders = new Map<string, string>();
  return [...services].flatMap(([name, { namedVolumes }]) =>
    namedVolumes.flatMap((volume) => {
      const holder = holders.get(volume);
      holders.set(volume, name);
      if (holder === undefined) return [];
      const message = `volume ${volume} is mounted by ${holder} already`;
      return [
        {
          place: `${path} services.${name}.volumes`,
          message,
          mend: 'Give each service a volume of its own.',
        },
      ];
    }),
  );
}
