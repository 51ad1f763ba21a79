import { expect, jest, test } from '@jest/globals';
import { smallLoads } from '../../bench/completeness/small-loads';
import { exactly } from '../../bench/loads/exactly';
import { pipelinedLoad } from '../../bench/loads/shapes';
import { playLoads } from '../../bench/completeness/play-loads';
import { withStage } from '../../bench/loads/with-stage';
import { stopCopying } from '../../bench/stage/stage';
import { silent } from '../../lab/engine/docker/progress';
import { drawnFrom } from '../stage/drawn';

jest.setTimeout(600_000);

const { signal } = new AbortController();

test('each load arrives once, request by request', async () => {
  const loads = drawnFrom(smallLoads(), 3, ({ id }) => id);
  const rows = await playLoads(loads, { prefix: 'e2e-loads', progress: silent, signal });
  expect(rows.filter(({ exact }) => !exact)).toEqual([]);
  expect(rows.filter(({ online, test }) => online === 0 || online !== test)).toEqual([]);
});

const twice = exactly({ id: 'twice', title: 'delivered twice', labKind: 'http' }, async (stage, tag) => {
  const { online, test } = stage.scene;
  await stage.client.exec(['curl', '-s', `http://${online.address}:${online.port}/${tag}`]);
  await stage.online.exec(['curl', '-s', `http://${test.address}:${test.port}/${tag}`]);
  return { requests: 1, seconds: 1 };
});

const lost = pipelinedLoad({ id: 'lost', title: 'not copied' }, { requests: 20, writes: 2 });

test('what arrives twice, and what does not arrive, is seen', async () => {
  const options = { prefix: 'e2e-loads-seen', progress: silent, signal, patience_ms: 2_000 };
  await withStage('http', options, async (stage) => {
    expect(await twice.measure(stage)).toMatchObject({ online: 1, test: 2, doubled: 1, exact: false });
    await stopCopying(stage);
    expect(await lost.measure(stage)).toMatchObject({ online: 20, test: 0, missing: 20, exact: false });
  });
});
