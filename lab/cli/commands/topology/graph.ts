import { Option, type Command } from 'commander';
import { defaultTopology, loadTopology } from '../../options/topology-source';
import { print } from '../../terminal/output';

type Format = 'mermaid' | 'dot' | 'svg';

export function registerGraph(program: Command): void {
  program
    .command('graph')
    .description('Print a picture of a topology.')
    .argument('[topology]', 'a shipped topology, or a .ts or .json file', defaultTopology)
    .addOption(
      new Option('--format <format>', 'as text for Mermaid or Graphviz, or as an image')
        .choices(['mermaid', 'dot', 'svg'])
        .default('mermaid'),
    )
    .addHelpText('after', '\nExample:\n  lab graph many-online --format svg > many-online.svg')
    .action(async (source: string, { format }: { readonly format: Format }) => {
      const [{ graphOf }, { placedOn }, { engines }] = await Promise.all([
        import('../../../graph/graph'),
        import('../../../plan/placement'),
        import('../../../engine/docker/connection'),
      ]);
      const names = engines().map(({ name }) => name);
      const graph = graphOf(placedOn(await loadTopology(source), names));
      print((await renderers[format]())(graph));
    });
}

const renderers = {
  mermaid: async () => (await import('../../../graph/mermaid')).graphAsMermaid,
  dot: async () => (await import('../../../graph/dot')).graphAsDot,
  svg: async () => (await import('../../../graph/svg')).graphAsSvg,
} satisfies Record<Format, unknown>;
