/** Whatever two servers say, and a capture makes of it, is compared, counted and reported; nothing throws, and nothing goes round in a circle. */
import assert from 'node:assert/strict';
import { Comparison } from '../../src/answers/account/comparison';
import { reportOf } from '../../src/answers/account/report';
import { Connections } from '../../src/answers/reading/connections';
import { casesOfComparison } from '../../src/answers/report/cases';
import { comparisonAsPage } from '../../src/answers/report/html';
import { comparisonAsText } from '../../src/answers/report/text';
import { packetsIn } from '../../src/wire/capture/capture-file';
import { emptySegmentView, viewSegment } from '../../src/wire/segment';
import type { Random } from '../sim/world/plan/random';
import { rulesOf } from '../unit/answers/compare/answers';
import { ONLINE, worldOf } from '../unit/answers/world/world';
import { fuzz } from './rounds';

/** What readers of HTTP, Redis and JSON stumble over. */
const WORDS = [
  'Content-Length: -40\r\n',
  'Content-Length: 5\r\nContent-Length: 6\r\n',
  'Transfer-Encoding: chunked\r\n\r\n-5\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Content-Encoding: br, gzip\r\n',
  'HTTP/1.1 101 X\r\n\r\n',
  'HTTP/1.1 304 X\r\n\r\n',
  'HTTP/1.1 999 X\r\n',
  'CONNECT a:1 HTTP/1.1\r\n\r\n',
  'HEAD / HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\n',
  '*3\r\n$-9\r\n',
  '%2\r\n',
  '|1\r\n+a\r\n+b\r\n',
  '$99999999\r\n',
  '[[[[[[',
  '{"__proto__":{"a":1},"a":',
  '\u0000\u0000\u0000',
  '\r\n\r\n',
  '\u0016\u0003\u0001',
];
const HEADERS_BYTES = 40;
const KEPT = { response_bytes: 5_000, request_bytes: 500 };

/** In the place of some of what is there; a header of TCP now and then. */
function spoil(packet: Uint8Array, random: Random): void {
  const words = Buffer.from(random.pick(WORDS), 'latin1');
  const from = random.chance(0.05) ? HEADERS_BYTES - 16 : HEADERS_BYTES;
  if (packet.length <= from) return;
  const at = random.between(from, packet.length - 1);
  packet.set(words.subarray(0, packet.length - at), at);
}

function tell(pcap: Uint8Array, side: 'online' | 'test', comparison: Comparison, random: Random): void {
  const options = { kept: KEPT, isChosen: () => true, patience_s: 10 };
  const connections = new Connections(options, (exchange) => comparison.add(side, exchange));
  const port = side === 'online' ? ONLINE.port : 8080;
  const view = emptySegmentView();
  for (const { offset, capturedLength, timestamp = 0 } of packetsIn(pcap)) {
    const packet = Uint8Array.from(pcap.subarray(offset, offset + capturedLength));
    if (random.chance(0.05)) continue;
    if (random.chance(0.2)) spoil(packet, random);
    if (viewSegment(view, packet, 0, packet.length, 'whole')) continue;
    if (view.destinationPort === port) connections.fromClient(view, timestamp);
    else if (view.sourcePort === port) connections.fromServer(view, timestamp);
  }
  connections.end();
}

fuzz('answers of any bytes are compared, and every one is accounted for', 60, (random) => {
  const world = worldOf({ seed: random.between(0, 1_000_000), connections: random.between(1, 6) });
  const comparison = new Comparison({
    rules: rulesOf({ redact: ['json:$.state'] }),
    body_bytes: 5_000,
    waiting_max: 30,
    held_bytes_max: 20_000,
    hasReference: false,
  });
  tell(world.online, 'online', comparison, random);
  tell(world.test, 'test', comparison, random);
  comparison.end();
  const report = reportOf(comparison);
  const paired = report.pairs + report.unjudged;
  assert.equal(report.exchanges.online, paired + report.unmatched.online);
  assert.equal(report.exchanges.test, paired + report.unmatched.test);
  assert.equal(report.pairsBy.sequence + report.pairsBy.order, paired);
  for (const { differing, carried, onlyNoise, pairs } of report.routes)
    assert.ok(differing + carried + onlyNoise <= pairs);
  assert.ok(comparisonAsPage('any', report, []).endsWith('</html>\n'));
  assert.match(comparisonAsText(report, []), /^(?:SAME|DIFF|NONE) /);
  const cases = casesOfComparison('any', report, [], []);
  assert.equal(cases.length, report.routes.length + (report.pairs === 0 ? 1 : 0));
});
