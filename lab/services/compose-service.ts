/** A service of a Compose file as a container of a lab. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TopologyFault } from '../topology/faults';
import type {
  HealthCheck,
  ImageSource,
  NeedCondition,
  Needs,
  ServiceContainer,
} from '../topology/servers/services';
import type { Limits } from '../topology/servers/servers';
import { faultsOfBuild } from './paths';
import type { ServiceForm } from './compose-form';
import { duration_ms, size_bytes, variablesIn, wordsIn } from './notations';
import type { ComposeFile } from './compose-file';
import { mountsOf } from './compose-volumes';

export interface TranslatedService {
  readonly container: ServiceContainer;
  readonly needs: Needs;
  /** Names of the file's volumes that it mounts. */
  readonly namedVolumes: readonly string[];
}

const MIB = 2 ** 20;

const conditions: Readonly<Record<string, NeedCondition>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

export function translate(
  file: ComposeFile,
  name: string,
  service: ServiceForm,
  faults: TopologyFault[],
): TranslatedService {
  const place = `${file.path} services.${name}`;
  const { files, volumes, tmpfs, named } = mountsOf(file, service, place, faults);
  const entrypoint = argvOf(service.entrypoint, `${place}.entrypoint`, faults);
  const command = argvOf(service.command, `${place}.command`, faults);
  const shared = sizeOf(service.shm_size, `${place}.shm_size`, faults);
  const health = healthOf(service.healthcheck, `${place}.healthcheck`, faults);
  return {
    container: {
      from: sourceOf(file, service, place, faults),
      ...(entrypoint && { entrypoint }),
      ...(command && { command }),
      env: environmentOf(file, service, place, faults),
      files,
      ...(volumes.length > 0 && { volumes }),
      ...(Object.keys(tmpfs).length > 0 && { tmpfs }),
      ...(service.user !== undefined && { user: service.user }),
      ...(service.working_dir !== undefined && { workingDirectory: service.working_dir }),
      limits: limitsOf(service, place, faults),
      ...(service.init !== undefined && { init: service.init }),
      ...(service.read_only !== undefined && { readOnly: service.read_only }),
      ...(shared !== undefined && { sharedMemory_bytes: shared }),
      ...(health && { health }),
    },
    needs: Object.fromEntries(
      (service.depends_on ?? []).map(([other, { condition }]) => [other, conditions[condition]!]),
    ),
    namedVolumes: named,
  };
}

function sourceOf(
  file: ComposeFile,
  { image, build }: ServiceForm,
  place: string,
  faults: TopologyFault[],
): ImageSource {
  if (build) {
    const folder = resolve(file.folder, build.context);
    const dockerfile = build.dockerfile ?? 'Dockerfile';
    faults.push(...faultsOfBuild(folder, dockerfile, `${place}.build`));
    return {
      kind: 'build',
      folder,
      dockerfile,
      arguments: withEnvironment(build.args ?? [], file),
      ...(build.target !== undefined && { target: build.target }),
    };
  }
  if (image === undefined)
    faults.push({ place, message: 'it has neither image nor build', mend: 'Give it one of both.' });
  return { kind: 'image', image: image ?? '' };
}

function environmentOf(
  file: ComposeFile,
  { env_file: paths = [], environment = [] }: ServiceForm,
  place: string,
  faults: TopologyFault[],
): Record<string, string> {
  const fromFiles = paths.map((path, index) => {
    const absolute = resolve(file.folder, path);
    if (existsSync(absolute)) return variablesIn(readFileSync(absolute, 'utf8'));
    const mend = 'Paths are relative to the folder of the Compose file.';
    faults.push({ place: `${place}.env_file.${index}`, message: `there is no ${absolute}`, mend });
    return {};
  });
  return Object.assign({}, ...fromFiles, withEnvironment(environment, file)) as Record<string, string>;
}

/** A name without a value has that of the environment, or is left out where it has none. */
function withEnvironment(
  entries: readonly (readonly [string, string | undefined])[],
  { variables }: ComposeFile,
): Record<string, string> {
  return Object.fromEntries(
    entries.flatMap(([name, given]) => {
      const value = given ?? variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function argvOf(
  given: string | readonly string[] | null | undefined,
  place: string,
  faults: TopologyFault[],
): readonly string[] | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string') return given;
  const words = wordsIn(given);
  if (!words)
    faults.push({ place, message: 'a quote is not closed', mend: 'Close it, or write a list of words.' });
  return words ?? [];
}

function limitsOf(service: ServiceForm, place: string, faults: TopologyFault[]): Limits {
  const limits = service.deploy?.resources?.limits;
  const bytes =
    sizeOf(limits?.memory, `${place}.deploy.resources.limits.memory`, faults) ??
    sizeOf(service.mem_limit, `${place}.mem_limit`, faults);
  const cpus = limits?.cpus ?? service.cpus;
  const processes = limits?.pids ?? service.pids_limit;
  return {
    ...(bytes !== undefined && { memory_mb: bytes / MIB }),
    ...(cpus !== undefined && { cpus }),
    ...(processes !== undefined && processes > 0 && { processes }),
  };
}

function healthOf(
  given: ServiceForm['healthcheck'],
  place: string,
  faults: TopologyFault[],
): HealthCheck | undefined {
  if (!given) return undefined;
  if (given.disable) return { test: ['NONE'] };
  const { test } = given;
  const times = {
    interval_ms: timeOf(given.interval, `${place}.interval`, faults),
    timeout_ms: timeOf(given.timeout, `${place}.timeout`, faults),
    startPeriod_ms: timeOf(given.start_period, `${place}.start_period`, faults),
    retries: given.retries,
  };
  return {
    // Without a test of its own it is the image's, asked at other times.
    test: test === undefined ? [] : typeof test === 'string' ? ['CMD-SHELL', test] : test,
    ...(Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)) as Partial<
      Omit<HealthCheck, 'test'>
    >),
  };
}

function timeOf(text: string | undefined, place: string, faults: TopologyFault[]): number | undefined {
  if (text === undefined) return undefined;
  const found = duration_ms(text);
  if (found === undefined)
    faults.push({ place, message: `${text} is no duration`, mend: 'Write it as 1m30s or 500ms.' });
  return found;
}

function sizeOf(text: string | undefined, place: string, faults: TopologyFault[]): number | undefined {
  if (text === undefined) return undefined;
  const found = size_bytes(text);
  if (found === undefined)
    faults.push({ place, message: `${text} is no size`, mend: 'Write it as 512m or 1g.' });
  return found;
}
