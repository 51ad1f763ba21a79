import manifest from '../../package.json' with { type: 'json' };

/** The release that both programs belong to. */
export const VERSION: string = manifest.version;
