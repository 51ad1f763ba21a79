/** The control channel of a real copy, attacked while it copies: every request arrives once, and nobody is told anything. */
import { expect, test } from '@jest/globals';
import { startLab, type StartedLab } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { METRICS, metricOf, stopProgram } from '../stage/copy-by-hand';
import { eventually } from '../stage/eventually';
import { EXACT_MS, expectReasons, shell, verify } from '../stage/verify-support';

const KEY = '/run/copy.key';
const PORT = 36_524;

/**
 * Somebody who reaches the port and has no key: greets in the clear, sends chance and slow bytes, and says nothing at all on
 * 10,000 connections. Prints how many bytes it was told.
 */
const STRANGER = `
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
const [, , host, count] = process.argv;
let told = 0;
const speak = (bytes) => new Promise((resolve) => {
  const socket = connect({ host, port: ${PORT} });
  socket.on('error', resolve).on('close', resolve).on('data', (chunk) => (told += chunk.length));
  // Who says nothing is not waited for.
  socket.on('connect', () => (bytes ? socket.write(bytes) : resolve()));
});
const hello = Buffer.from('00000025' + '01' + '54435043' + '0006' + '0000000000000007', 'hex');
const slow = connect({ host, port: ${PORT} }).on('error', () => undefined).on('data', (chunk) => (told += chunk.length));
const drip = setInterval(() => slow.writable && slow.write(Uint8Array.of(0xff)), 50);
await Promise.all([hello, randomBytes(4096), new Uint8Array(64).fill(0xaa)].map(speak));
for (let done = 0; done < Number(count); done += 100)
  await Promise.all(Array.from({ length: 100 }, () => speak()));
clearInterval(drip);
process.stdout.write(told + '\\n', () => process.exit());
`;

let lab: StartedLab;
beforeAll(async () => {
  lab = await startLab(traditional, { name: 'e2e-control', bare: true });
  await lab.node('client').writeFile('/tmp/stranger.mjs', STRANGER);
  await shell(lab.node('test'), 'iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE');
});
afterEach(endAll);
afterAll(() => lab.down());

const addressOf = (name: string): string => lab.node(name).definition.address;

async function endAll(): Promise<void> {
  await stopProgram(lab.node('online'), 'tcpcopy');
  await stopProgram(lab.node('test'), 'intercept');
}

/** The same key on both, made where tcpcopy runs and taken to where intercept does. @returns its text */
async function shareKey(): Promise<string> {
  await shell(lab.node('online'), `rm -f ${KEY}; tcpcopy keygen ${KEY}`);
  const { stdout } = await lab.node('online').exec(['cat', KEY]);
  const text = stdout.toString();
  await writeKeys('test', text);
  return text;
}

async function writeKeys(node: string, text: string): Promise<void> {
  await lab.node(node).writeFile(KEY, text);
  await shell(lab.node(node), `chmod 600 ${KEY} && chown 0:0 ${KEY}`);
}

const startIntercept = (...args: string[]): Promise<void> =>
  shell(lab.node('test'), `intercept -b ${addressOf('test')} -d ${args.join(' ')}`);

async function startTcpcopy(...args: string[]): Promise<void> {
  const transfer = `80-${addressOf('test')}:8080`;
  await shell(
    lab.node('online'),
    `tcpcopy -x ${transfer} -s ${addressOf('online')} --metrics ${METRICS.tcpcopy} -d ${args.join(' ')}`,
  );
}

const isArmed = async (): Promise<boolean> =>
  (await metricOf(lab.node('online'), 'tcpcopy', 'tcpcopy_armed')) === 1;

const logOf = async (node: string, program: string): Promise<string> =>
  (await lab.node(node).exec(['cat', `/var/log/${program}.log`])).stdout.toString();

test('with a key a copy is exact while strangers crowd the port, and tells them nothing', async () => {
  await shareKey();
  await startIntercept('-x', addressOf('online'), '--key-file', KEY);
  await startTcpcopy('--key-file', KEY);
  await eventually(isArmed);
  const crowd = await lab
    .node('client')
    .start(['/opt/tcpcopy-lab/bin/node', '/tmp/stranger.mjs', addressOf('test'), '10000']);
  const verification = await verify(lab, {}, { requests: 400, patience_ms: EXACT_MS });
  expectReasons(verification, []);
  expect((await crowd.ended).stdout.toString()).toBe('0\n');
  expect(await logOf('test', 'intercept')).toContain('it speaks without a key');
});

test('a key is exchanged while copying, by a copy that stays exact; who is not told of it is not heard', async () => {
  const old = await shareKey();
  await startIntercept('-x', addressOf('online'), '--key-file', KEY);
  await startTcpcopy('--key-file', KEY);
  await eventually(isArmed);
  const next = (await lab.node('online').exec(['tcpcopy', 'keygen'])).stdout.toString();
  const use = async (node: string, program: string, text: string): Promise<void> => {
    await writeKeys(node, text);
    await shell(lab.node(node), `pkill -HUP -x ${program}`);
  };
  const exchanged = async (): Promise<void> => {
    await use('test', 'intercept', old + next);
    await use('online', 'tcpcopy', next + old);
    await use('test', 'intercept', next);
  };
  const verification = await verify(lab, { 'half-way': exchanged }, { requests: 400, patience_ms: EXACT_MS });
  expectReasons(verification, []);
  expect(await logOf('test', 'intercept')).toContain('was taken out of the key file');
  await use('test', 'intercept', old);
  await use('online', 'tcpcopy', next);
  await eventually(async () => (await logOf('online', 'tcpcopy')).includes('does it have the key'));
  expect(await isArmed()).toBe(false);
});

test('without a key only who is on the passlist, or of --peers, is heard', async () => {
  await startIntercept('--peers', addressOf('client'));
  await startTcpcopy();
  await eventually(async () => (await logOf('online', 'tcpcopy')).includes('is not on --peers'));
  await endAll();
  await startIntercept('-x', addressOf('online'));
  await startTcpcopy();
  await eventually(isArmed);
});
