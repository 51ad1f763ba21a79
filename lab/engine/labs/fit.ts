/** Whether engines can run the image that all nodes have. */
import { docker, type Engine } from '../docker/connection';
import { LabError } from '../docker/errors';

/** API of Docker 20.10, the oldest that labs are tried with. */
export const API_OLDEST = [1, 41] as const;

export const isNewEnough = (apiVersion: string): boolean => {
  const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
  return major > API_OLDEST[0] || (major === API_OLDEST[0] && minor >= API_OLDEST[1]);
};

export interface EngineKind {
  readonly name: string;
  readonly apiVersion: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
}

/** @throws LabError `ENGINE_UNSUPPORTED`, before anything is started */
export async function assertFit(engines: readonly Engine[]): Promise<void> {
  const { Architecture } = (await docker().info()) as { Architecture: string };
  const kinds = engines.map(async ({ name, api }) => {
    const [version, info] = await Promise.all([
      api.version(),
      api.info() as Promise<{ Architecture: string }>,
    ]);
    return { name, apiVersion: version.ApiVersion, architecture: info.Architecture };
  });
  refuseUnfit(await Promise.all(kinds), Architecture);
}

/** @param built what the image is built for @throws LabError `ENGINE_UNSUPPORTED` */
export function refuseUnfit(kinds: readonly EngineKind[], built: string): void {
  for (const { name, apiVersion, architecture } of kinds) {
    if (!isNewEnough(apiVersion))
      throw new LabError(
        'ENGINE_UNSUPPORTED',
        `Engine ${name} speaks API ${apiVersion}, and labs need ${API_OLDEST.join('.')}.`,
        'Install Docker 20.10 or later there.',
      );
    if (architecture !== built)
      throw new LabError(
        'ENGINE_UNSUPPORTED',
        `Engine ${name} is ${architecture}, and the image of the nodes is built for ${built}.`,
        `Name machines of ${built}, or build on one of ${architecture}: all nodes have the same image.`,
      );
  }
}
