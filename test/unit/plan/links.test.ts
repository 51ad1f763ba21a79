import { linkOptions } from '../../../lab/plan/networks/links';
import { planFor } from '../../../lab/plan/plan';
import { quoted } from '../../../lab/plan/words';
import { validateTopology } from '../../../lab/topology/rules/validate';
import type { Topology, TopologyLink } from '../../../lab/topology/types';
import routed from '../../../topologies/routed';

const withLink = (network: string, link: TopologyLink): Topology => ({
  ...routed,
  links: { [network]: link },
});

test('a link is set on each node that is on the network, by its address there', () => {
  const steps = planFor(withLink('office', { loss: 0.5, rate_mbit: 100 })).steps;
  const links = steps.filter(({ id }) => id.startsWith('link:'));
  const typed = links.map(({ action }) =>
    action.kind === 'command' ? `${action.node}: ${quoted(action.argv)}` : '',
  );
  expect(typed).toEqual([
    'client-b: lab-link 198.18.49.10 --loss 0.5 --rate-mbit 100 --seed 1',
    'router: lab-link 198.18.49.2 --loss 0.5 --rate-mbit 100 --seed 1',
  ]);
  expect(links[1]!.needs).toEqual(['join:router:rehearsal']);
  expect(links[0]!.checks[0]!.expect.stdout).toBe('^--loss 0\\.5 --rate-mbit 100 --seed 1$');
  expect(links[0]!.undo[0]).toMatchObject({ argv: ['lab-link', '198.18.49.10', '--restore'] });
});

test('the seed is told where it decides: what is lost, and what overtakes', () => {
  expect(linkOptions({ delay_ms: 20 })).toEqual(['--delay-ms', '20']);
  expect(linkOptions({ delay_ms: 20, reorder: 5 }).slice(2)).toEqual(['--reorder', '5', '--seed', '1']);
  expect(linkOptions({ loss: 1, seed: 7 })).toEqual(['--loss', '1', '--seed', '7']);
});

test.each<[string, TopologyLink, string]>([
  ['more loss than a connection survives', { loss: 60 }, 'links.office.loss'],
  ['hundredths of a percent', { loss: 1.25 }, 'links.office.loss'],
  ['a rate of nothing', { rate_mbit: 0 }, 'links.office.rate_mbit'],
  ['no number', { rate_mbit: NaN }, 'links.office.rate_mbit'],
  ['reordering of what does not wait', { reorder: 10 }, 'links.office.reorder'],
  ['nothing at all', { seed: 7 }, 'links.office'],
])('%s is refused', (_title, link, place) => {
  expect(validateTopology(withLink('office', link)).map((fault) => fault.place)).toContain(place);
});

test('a link of a network that is not there is refused, and a sound one is not', () => {
  expect(validateTopology(withLink('wan', { loss: 1 }))).toMatchObject([{ place: 'links.wan' }]);
  expect(validateTopology(withLink('office', { loss: 0.3, delay_ms: 20, reorder: 5, seed: 9 }))).toEqual([]);
});
