/** Both programs as one script, as a single executable is started with: CommonJS, of which nothing is loaded from elsewhere. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { projectRoot } from '../../lab/engine/images/places';

export async function bundleStandalone(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(projectRoot, 'src/standalone/main.ts')],
    absWorkingDir: projectRoot,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    define: { 'import.meta.url': 'executableUrl' },
    banner: { js: "const executableUrl = require('node:url').pathToFileURL(process.execPath).href;" },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
