/** What clients said to real servers, a piece for each of their segments. */

const recorded = (pieces: readonly string[]): readonly Buffer[] =>
  pieces.map((piece) => Buffer.from(piece, 'base64'));

/** psql 15 to PostgreSQL 15, without TLS: `select 'a word'`. */
const POSTGRESQL_QUERY = ['UQAAABRzZWxlY3QgJ2Egd29yZCcA', 'WAAAAAQ='];
export const postgresql = {
  'SCRAM-SHA-256': recorded([
    'AAAACATSFi8=',
    'AAAAPAADAAB1c2VyAHNjcmFtAGRhdGFiYXNlAHBvc3RncmVzAGFwcGxpY2F0aW9uX25hbWUAcHNxbAAA',
    'cAAAADZTQ1JBTS1TSEEtMjU2AAAAACBuLCxuPSxyPWhza3h2bDd6NmFENEczVUpPUC9Tamd1SQ==',
    'cAAAAGxjPWJpd3Mscj1oc2t4dmw3ejZhRDRHM1VKT1AvU2pndUk1L2RlT1BDMUxTUlJtNjg2dFFhM2V2dEEscD1wcDJpUWFJdTR5QmE5d0wyWjlob09USnM4SGhLREUvaG1hUEhwSjJNZ2RNPQ==',
    ...POSTGRESQL_QUERY,
  ]),
  md5: recorded([
    'AAAACATSFi8=',
    'AAAAOgADAAB1c2VyAG9sZABkYXRhYmFzZQBwb3N0Z3JlcwBhcHBsaWNhdGlvbl9uYW1lAHBzcWwAAA==',
    'cAAAAChtZDVlMmE5ZmIwNzk2OTcwOWYyYjYzODBjZmRhNDBjZjM1OAA=',
    ...POSTGRESQL_QUERY,
  ]),
  password: recorded([
    'AAAACATSFi8=',
    'AAAAPAADAAB1c2VyAHBsYWluAGRhdGFiYXNlAHBvc3RncmVzAGFwcGxpY2F0aW9uX25hbWUAcHNxbAAA',
    'cAAAAAtzZWNyZXQA',
    ...POSTGRESQL_QUERY,
  ]),
  trust: recorded([
    'AAAACATSFi8=',
    'AAAAPwADAAB1c2VyAHBvc3RncmVzAGRhdGFiYXNlAHBvc3RncmVzAGFwcGxpY2F0aW9uX25hbWUAcHNxbAAA',
    ...POSTGRESQL_QUERY,
  ]),
};

/** mariadb 10.11 to MariaDB 10.11, without TLS. */
export const mariadb = {
  mysql_native_password: recorded([
    'zAAAAYSivwAAABAAIQAAAAAAAAAAAAAAAAAAAAAAAAAdAAAAbgAU3owDDVznMCVwGcpUoUHFjta/3TFteXNxbF9uYXRpdmVfcGFzc3dvcmQAfgNfb3MFTGludXgMX2NsaWVudF9uYW1lCmxpYm1hcmlhZGIEX3BpZAQ0ODAxD19jbGllbnRfdmVyc2lvbgYzLjMuMjAJX3BsYXRmb3JtBng4Nl82NAxwcm9ncmFtX25hbWUFbXlzcWwMX3NlcnZlcl9ob3N0CTEyNy4wLjAuMQ==',
    'EAAAAANzZWxlY3QgJ2Egd29yZCc=',
    'AQAAAAE=',
  ]),
  'no password': recorded([
    'uAAAAYSivwAAABAAIQAAAAAAAAAAAAAAAAAAAAAAAAAdAAAAZQAAbXlzcWxfbmF0aXZlX3Bhc3N3b3JkAH4DX29zBUxpbnV4DF9jbGllbnRfbmFtZQpsaWJtYXJpYWRiBF9waWQENDgxMA9fY2xpZW50X3ZlcnNpb24GMy4zLjIwCV9wbGF0Zm9ybQZ4ODZfNjQMcHJvZ3JhbV9uYW1lBW15c3FsDF9zZXJ2ZXJfaG9zdAkxMjcuMC4wLjE=',
    'EAAAAANzZWxlY3QgJ2Egd29yZCc=',
    'AQAAAAE=',
  ]),
};

/** openssl s_client by TLS 1.2. */
export const [greeting] = recorded([
  'FgMBAFUBAABRAwPJk/5doGXjyqHnqLyrxuuO2wVojjDFZFMTjBPzKLfCOAAABMArAP8BAAAkAAsABAMAAQIACgAEAAIAHQAjAAAAFgAAABcAAAANAAQAAgQD',
]) as [Buffer];
