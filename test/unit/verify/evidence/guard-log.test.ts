import { guardInLog } from '../../../../lab/verify/evidence/guard-log';

const line = (second: number, event: string, reason?: string): string =>
  JSON.stringify({
    time: `2026-11-28T12:00:0${second}.000Z`,
    level: 'info',
    event,
    ...(reason && { reason }),
  });
const log = (...lines: string[]): string => lines.join('\n');

describe('what tcpcopy said of the guard last', () => {
  test('is that it copies, since it said so', () => {
    const said = guardInLog(log(line(1, 'waiting for intercept', 'not yet'), line(2, 'copying')));
    expect(said).toEqual({ level: 'armed', reasons: [], since: '2026-11-28T12:00:02.000Z' });
  });

  test('is why it does not, of each intercept', () => {
    const said = guardInLog(
      log(
        line(1, 'copying'),
        line(2, 'guard suspended', 'one is silent'),
        line(3, 'guard suspended', 'other'),
      ),
    );
    expect(said).toMatchObject({ level: 'suspended', reasons: ['one is silent', 'other'] });
    expect(said!.since).toBe('2026-11-28T12:00:02.000Z');
  });

  test('is that it has ended copying', () => {
    const said = guardInLog(log(line(1, 'not copying'), line(2, 'waiting for intercept', 'gone')));
    expect(said).toMatchObject({ level: 'disarmed', reasons: ['gone'] });
  });

  test('is nothing in a log that does not tell, or is still being written', () => {
    expect(guardInLog(log(line(1, 'started'), 'no JSON', ''))).toBeUndefined();
    expect(guardInLog(log(line(1, 'copying'), line(2, 'not copying').slice(0, -5)))).toMatchObject({
      level: 'armed',
    });
  });
});
