/** Packages with native parts: they are optional, because they compile only where their headers are. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export class PackageUnavailableError extends Error {
  override readonly name = 'PackageUnavailableError';
  readonly code = 'package-unavailable';
}

/** @throws PackageUnavailableError that says what is missing and how to mend it */
export function loadOptionalPackage(name: string, headers: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    throw new PackageUnavailableError(
      `the package ${name} cannot be loaded: ${(cause as Error).message.split('\n')[0] ?? ''}; ` +
        `install ${headers} and a compiler, then run: npm rebuild ${name} --ignore-scripts=false`,
      { cause },
    );
  }
}
