import { judge } from '../../../../lab/verify/judge';
import { evidenceOf, healthyLab } from '../world/lab';

test('a service that has ended behind the load is a reason, with what it said', () => {
  const evidence = evidenceOf(healthyLab('http', 7, 60));
  const how = 'shop on test has ended (Exited (1) 2 seconds ago); it said: Error: aborted';
  const { verdict, reasons } = judge({ ...evidence, ended: [{ node: 'test', how }] });
  expect(verdict).toBe('fail');
  expect(reasons).toEqual([
    { code: 'service-ended', message: `${how}.`, mend: expect.stringContaining('lab logs test') },
  ]);
});
