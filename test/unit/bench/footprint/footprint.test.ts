import type { Footprint } from '../../../../bench/footprint/footprint';
import { footprintRequirements, footprintText, startOf } from '../../../../bench/footprint/text';

const both = (bytes: number) => ({ tcpcopy_bytes: bytes, intercept_bytes: bytes / 2 });

const ours: Footprint = {
  id: 'package',
  starts_ms: [90, 100, 900],
  rest: both(60e6),
  loaded: both(120e6),
  installed_bytes: 110e6,
};
const original: Footprint = { ...ours, id: '0.9', starts_ms: [], rest: both(500e6), installed_bytes: 1e6 };

test('a package that takes what it may keeps its promises, whatever others take', () => {
  expect(footprintRequirements([ours, original]).map(({ met }) => met)).toEqual([true, true, true]);
});

test.each<[string, Partial<Footprint>, number]>([
  ['more at rest', { rest: both(61e6) }, 0],
  ['more under the load', { loaded: both(121e6) }, 1],
  ['longer to start', { starts_ms: [90, 151, 152] }, 2],
])('%s than promised is told', (_, changed, index) => {
  const requirements = footprintRequirements([{ ...ours, ...changed }]);
  expect(requirements.map(({ met }) => met)).toEqual([0, 1, 2].map((at) => at !== index));
});

test('a build whose start nobody sees has a dash there', () => {
  expect(startOf(original)).toBeNaN();
  expect(footprintText([ours, original])).toMatch(/^0\.9 .* – +1\.0$/m);
});
