import { logInOf } from '../../../../lab/verify/log-ins/all';
import { greeting, mariadb, postgresql } from './recorded';

const lengthOf = (pieces: readonly Buffer[]): number => Buffer.concat(pieces).length;
const found = (pieces: readonly Buffer[]) => logInOf(Buffer.concat(pieces));

test.each(['SCRAM-SHA-256', 'md5'] as const)('PostgreSQL: %s ends before the first query', (method) => {
  const said = postgresql[method];
  const behind = lengthOf(said.slice(0, -2));
  expect(found(said)).toMatchObject({ method: `PostgreSQL, ${method}`, answered: behind, behind });
});

test.each(['password', 'trust'] as const)(
  'PostgreSQL: by %s clients say to each server the same',
  (method) => {
    expect(found(postgresql[method])).toBeUndefined();
  },
);

test('MariaDB: a password is mixed with a number of the server, none is not', () => {
  const said = mariadb.mysql_native_password;
  const behind = said[0]!.length;
  expect(found(said)).toMatchObject({ method: 'MySQL, mysql_native_password', answered: behind, behind });
  expect(found(mariadb['no password'])).toBeUndefined();
});

test('MySQL: an answer by another method than the client had offered comes in a packet of its own', () => {
  const [offered, ...rest] = mariadb['no password'];
  const answer = Buffer.concat([Buffer.from([64, 0, 0, 3]), Buffer.alloc(64, 7)]);
  const behind = offered!.length + answer.length;
  expect(found([offered!, answer, ...rest])).toMatchObject({
    method: 'MySQL, ed25519',
    answered: behind,
    behind,
  });
});

test('SCRAM is known wherever it is said in clear text', () => {
  // RFC 7677, section 3.
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const proof = `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
  const said = [Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'), Buffer.from(proof), Buffer.from('find it')];
  expect(found(said)).toMatchObject({ method: 'SCRAM', answered: lengthOf(said.slice(0, 2)) });
});

test('of TLS all that comes behind the greeting is a log-in, also within PostgreSQL', () => {
  const secret = Buffer.alloc(80, 0x5a);
  expect(found([greeting, secret])).toMatchObject({
    method: 'TLS',
    answered: greeting.length + 1,
    behind: greeting.length + secret.length,
  });
  const [asked] = postgresql.trust as [Buffer];
  expect(found([asked, greeting, secret])).toMatchObject({ method: 'PostgreSQL, TLS' });
});

test.each([
  ['nothing', ''],
  ['HTTP', 'POST /log-in HTTP/1.1\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n'],
  ['Redis', '*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n'],
  ['zeros', '\0'.repeat(64)],
])('%s is no log-in of the kind', (_, said) => {
  expect(logInOf(Buffer.from(said, 'latin1'))).toBeUndefined();
});

test('words that break off anywhere are read to their end', () => {
  for (const pieces of [...Object.values(postgresql), ...Object.values(mariadb), [greeting]]) {
    const said = Buffer.concat(pieces);
    for (let length = 0; length <= said.length; length += 1)
      expect(() => logInOf(said.subarray(0, length))).not.toThrow();
  }
});
