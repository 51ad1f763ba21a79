import { scenarios } from '../../../lab/scenarios/catalogue/all';
import { parts, type SoakCommand } from '../../soak/parts';
import { chosen, soak } from '../../soak/soak';

/** What is printed and run when commands that match fail. */
async function soaked(fails: RegExp, { names = [] as readonly string[], scale = 1 } = {}) {
  const printed: string[] = [];
  const run: SoakCommand[] = [];
  const held = await soak(chosen(parts, names), {
    seed: 7,
    scale,
    print: (line) => printed.push(line),
    run: (command) => {
      run.push(command);
      return Promise.resolve(fails.test(command.argv.join(' ')) ? 1 : 0);
    },
  });
  return { held, printed: printed.join('\n'), run: run.map(({ argv }) => argv.join(' ')) };
}

const NEVER = /^$/;

test('every part is played from the seed, and told at the end', async () => {
  const { held, printed, run } = await soaked(NEVER);
  expect(held).toBe(true);
  expect(run).toHaveLength(parts.length);
  for (const { name, rounds, of } of parts) expect(printed).toContain(`held    ${name}: ${rounds} ${of}`);
  expect(run.filter((line) => line.includes('--seed'))).toEqual(
    run.filter((line) => line.includes('bin/lab')),
  );
});

test('what fails is told, with what plays it again, and the rest is played nevertheless', async () => {
  const { held, printed, run } = await soaked(/clean|sim\/soak/);
  expect(held).toBe(false);
  expect(run).toHaveLength(parts.length);
  expect(printed).toContain('FAILED  worlds');
  expect(printed).toContain('FAILED  clean');
  expect(printed).toContain('held    kills');
  expect(printed).toContain('make soak SEED=7 ARGS="worlds clean"');
});

test('parts can be chosen, and a share of their rounds; what there is not is refused', async () => {
  const { run } = await soaked(NEVER, { names: ['worlds', 'whole-life'], scale: 0.001 });
  expect(run[0]).toMatch(/sim\/soak\.ts 7 50$/);
  expect(run[1]).toMatch(/whole-life --seed 7 --rounds 1$/);
  expect(() => chosen(parts, ['exams of yesterday'])).toThrow(/worlds, fuzz, kills/);
});

test('every kill that is a scenario is among the kills', async () => {
  const { run } = await soaked(NEVER, { names: ['kills'] });
  const kills = scenarios.map(({ name }) => name).filter((name) => name.includes('kill-'));
  expect(
    run[0]!
      .split(' ')
      .filter((word) => word.includes('kill-'))
      .toSorted(),
  ).toEqual(kills.toSorted());
});
