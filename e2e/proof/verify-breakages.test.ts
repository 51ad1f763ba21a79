import { expect } from '@jest/globals';
import traditional from '../../topologies/traditional';
import { copyAfresh } from '../stage/copy-afresh';
import { drawing } from '../stage/drawn';
import { alterPosts } from './verify-alter';
import {
  answerFor,
  contradictions,
  EXACT_MS,
  expectReasons,
  expectReasonsWith,
  messageOf,
  REQUESTS,
  shell,
  verify,
} from '../stage/verify-support';

const afresh = copyAfresh(traditional, 'e2e-breakages');

const breakage = drawing('breakages', 2);

const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';

breakage('the rule removed while copying is a leak, and the missing rule is named', async () => {
  const lab = await afresh();
  const verification = await verify(lab, {
    'half-way': async () => {
      await shell(lab.node('test'), `iptables -D ${RULE}`);
      await answerFor(lab, 'client');
    },
  });
  expect(verification.verdict).toBe('fail');
  expectReasonsWith(verification, ['guard-rule-missing', 'leak']);
  expect(messageOf(verification, 'guard-rule-missing')).toContain('It was there before the load');
  expect(contradictions(verification)).toEqual([]);
  const { frames, byTap, first } = verification.leaks;
  expect(frames).toBeGreaterThan(0);
  expect(byTap['client']).toBeGreaterThan(0);
  const from = lab.topology.nodes['test']!.address;
  expect(first[0]!.text).toContain(`IP ${from}:8080 > `);
});

breakage(
  'the rule on the wrong port is named, with the port that is copied, and nothing is sent',
  async () => {
    const lab = await afresh();
    await shell(lab.node('test'), `iptables -D ${RULE} && iptables -I ${RULE.replace('8080', '8081')}`);
    const verification = await verify(lab);
    expectReasons(verification, ['guard-rule-wrong-port', 'requests-missing']);
    expect(verification.leaks.frames).toBe(0);
    expect(messageOf(verification, 'guard-rule-wrong-port')).toMatch(
      /for port 8081, but port 8080 is copied/,
    );
  },
);

breakage('a rule with --queue-bypass lets responses out when intercept is killed', async () => {
  const lab = await afresh();
  const node = lab.node('test');
  await shell(node, `iptables -I ${RULE} --queue-bypass && iptables -D ${RULE}`);
  const verification = await verify(lab, {
    'half-way': async () => {
      await node.exec(['pkill', '-KILL', '-f', 'programs/intercept']);
      await answerFor(lab, 'client');
    },
  });
  expectReasonsWith(verification, ['guard-bypass', 'intercept-not-running', 'leak']);
});

breakage('requests altered on their way are found by their bytes', async () => {
  // By raw IP, which the online server's own rules reach; these packages lose frames when a busy machine lets them wait.
  const lab = await afresh(() => ({ tcpcopy: ['--io', 'packages'] }));
  await alterPosts(lab, 3);
  const verification = await verify(lab, {}, { rate: 250, patience_ms: EXACT_MS });
  expectReasons(verification, ['requests-altered']);
  expect(verification.requests.altered).toBeGreaterThan(0);
  expect(verification.examples.altered[0]).toMatch(/\/3-\d+$/);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0 });
});

breakage('tcpcopy killed half way leaves requests missing, and nothing leaks', async () => {
  const lab = await afresh();
  const verification = await verify(lab, {
    'half-way': () => lab.node('online').exec(['pkill', '-KILL', '-f', 'programs/tcpcopy']),
  });
  expectReasons(verification, ['tcpcopy-not-running', 'requests-missing']);
  expect(messageOf(verification, 'tcpcopy-not-running')).toContain('is gone');
  expect(verification.requests.missing).toBeGreaterThan(100);
  expect(verification.leaks.frames).toBe(0);
});

breakage(
  'an online server that is not on the passlist cannot use the test server, and that is told',
  async () => {
    const lab = await afresh();
    const node = lab.node('test');
    const { address } = node.definition;
    await node.exec(['pkill', '-KILL', '-f', 'programs/intercept']);
    const peer = lab.node('online').definition.address;
    await shell(node, `intercept -x 198.18.254.1 --peers ${peer} -b ${address} -d`);
    await shell(
      lab.node('online'),
      'for i in $(seq 300); do ss -tnH state established dport = :36524 | grep -q . && exit 0; sleep 0.1; done; exit 1',
    );
    const verification = await verify(lab);
    expectReasons(verification, ['passlist-broken']);
  },
);

breakage('a tap that was stopped in the middle is no evidence', async () => {
  const lab = await afresh();
  const verification = await verify(lab, {
    'half-way': () => lab.node('client').exec(['pkill', '-INT', 'tcpdump']),
  });
  expect(verification.verdict).toBe('fail');
  expectReasonsWith(verification, ['tap-blind']);
  expect(verification.controls).toContainEqual({ tap: 'client', seen: false });
});

breakage('a lab without a copy fails, and says what is not running', async () => {
  const lab = await afresh();
  await lab.node('online').exec(['pkill', '-TERM', '-f', 'programs/tcpcopy']);
  await lab.node('test').exec(['pkill', '-KILL', '-f', 'programs/intercept']);
  const verification = await verify(lab);
  expectReasonsWith(verification, ['intercept-not-running', 'tcpcopy-not-running', 'requests-missing']);
  expect(verification.requests).toMatchObject({ online: REQUESTS, test: 0, missing: REQUESTS });
});

breakage.play();
