/** Packages with native parts: they are optional, because they compile only where their headers are. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** By name, of a program that has no packages beside it. */
let brought: ReadonlyMap<string, () => unknown> | undefined;

export class PackageUnavailableError extends Error {
  override readonly name = 'PackageUnavailableError';
  readonly code = 'package-unavailable';
}

/** From now on these are all packages that there are: what a single executable has inside. */
export function bringPackages(packages: Readonly<Record<string, () => unknown>>): void {
  brought = new Map(Object.entries(packages));
}

/** @throws PackageUnavailableError that says what is missing and how to mend it */
export function loadOptionalPackage(name: string, headers: string): unknown {
  const load = brought ? brought.get(name) : () => require(name) as unknown;
  if (!load) {
    throw new PackageUnavailableError(
      `the package ${name} is not in this executable, which calls the kernel itself: leave out --io packages`,
    );
  }
  try {
    return load();
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0] ?? '';
    const mend = brought
      ? ''
      : `; install ${headers} and a compiler, then run: npm rebuild ${name} --ignore-scripts=false`;
    throw new PackageUnavailableError(`the package ${name} cannot be loaded: ${reason}${mend}`, { cause });
  }
}
