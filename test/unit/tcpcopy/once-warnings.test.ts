import { OnceWarnings } from '../../../src/tcpcopy/copying/once-warnings';

const told = (): { warnings: OnceWarnings; lines: [string, object][] } => {
  const lines: [string, object][] = [];
  const unexpected = (): never => {
    throw new Error('only warnings are expected');
  };
  const log = {
    info: unexpected,
    error: unexpected,
    warning: (event: string, fields: object) => void lines.push([event, fields]),
  };
  return { warnings: new OnceWarnings(log), lines };
};

test('each intercept that refuses copies is named once, with what may be the cause', () => {
  const { warnings, lines } = told();
  for (const intercept of ['a:36524', 'b:36524', 'a:36524']) warnings.unroutable(intercept);
  expect(lines).toEqual([
    ['intercept refuses copies', { intercept: 'a:36524', next: expect.stringContaining('another tcpcopy') }],
    ['intercept refuses copies', { intercept: 'b:36524', next: expect.stringContaining('another tcpcopy') }],
  ]);
});

test('each reason of the kernel is told once', () => {
  const { warnings, lines } = told();
  for (const errno of ['EPERM', 'EPERM', 'ENOBUFS']) warnings.refused(errno);
  expect(lines.map(([, fields]) => fields)).toMatchObject([{ reason: 'EPERM' }, { reason: 'ENOBUFS' }]);
});
