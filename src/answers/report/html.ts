/** A comparison as one page that needs nothing else: no script, no network, no other file. */
import { createHash } from 'node:crypto';
import { escapedMarkup } from '../../report/markup';
import type { ComparisonReport } from '../account/report';
import type { DifferenceReport, RouteReport } from '../account/route-report';
import type { Example } from '../account/tally';
import type { TimesReport } from '../account/times';
import { STYLE } from './style';
import { ms, percent, timesVerdict } from './text';
import type { Crossed } from './thresholds';

const ROUTES_MAX = 200;

/**
 * @param title of the page, for example what was compared with what
 * @param undecided limits of which cannot be told whether they are passed
 * @param notes what a reader must know of the captures, a line each
 */
export function comparisonAsPage(
  title: string,
  report: ComparisonReport,
  crossed: readonly Crossed[],
  undecided: readonly Crossed[] = [],
  notes: readonly string[] = [],
): string {
  // Whatever servers say stands escaped in it; and if that failed, nothing of it could be run or fetched.
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const { routes } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${verdict(report, crossed, undecided)}
${sums(report)}
${notes.length > 0 ? `<h2>Of the captures</h2><ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>` : ''}
<h2>Routes</h2>
${routes.length === 0 ? '<p>No request was found on both sides.</p>' : overview(routes)}
${routes.slice(0, ROUTES_MAX).filter(isWorthASection).map(section).join('\n')}
${ignoredAndNoise(report)}
</main>
</body>
</html>
`;
}

const isWorthASection = ({ differing, carried, unjudged, noise }: RouteReport): boolean =>
  differing + carried + unjudged + noise.length > 0;

function verdict(
  { pairs, differing, routes }: ComparisonReport,
  crossed: readonly Crossed[],
  undecided: readonly Crossed[],
): string {
  const where = routes.filter((route) => route.differing > 0).length;
  const sentence =
    pairs === 0
      ? 'Nothing could be compared.'
      : differing === 0
        ? `None of ${pairs} answers differs.`
        : `${differing} of ${pairs} answers (${percent(differing, pairs)}) differ, on ${where} of ${routes.length} routes.`;
  const limit = (word: string, { threshold, message }: Crossed): string =>
    `<li>${word} <code>${escaped(threshold)}</code> ${escaped(message)}</li>`;
  const list = [
    ...crossed.map((one) => limit('Failed:', one)),
    ...undecided.map((one) => limit('Cannot be told:', one)),
  ];
  const kind = crossed.length > 0 || pairs === 0 ? 'bad' : differing > 0 ? 'warn' : 'good';
  return `<p class="verdict ${kind}">${sentence}</p>${list.length > 0 ? `<ul>${list.join('')}</ul>` : ''}`;
}

function sums(report: ComparisonReport): string {
  const {
    exchanges,
    unmatched,
    pairsBy,
    unanswered,
    onlyNoise,
    carried,
    unjudged,
    learnedFrom,
    times,
    late_ms,
  } = report;
  const rows: [string, string][] = [
    ['Requests', `${exchanges.online} at online, ${exchanges.test} at test`],
    ['Without a partner', `${unmatched.online} at online, ${unmatched.test} at test`],
    ['Matched', `${pairsBy.sequence} by sequence number, ${pairsBy.order} by bytes and order`],
    ['Not answered by test', `${unanswered}`],
    ['Differ by noise alone', `${onlyNoise}`],
    [
      'Noise learned from',
      `${learnedFrom.repeats} repeated requests, ${learnedFrom.reference} of the reference`,
    ],
    ['Carry what only online had given', `${carried}`],
    ['Not judged', `${unjudged}`],
  ];
  if (late_ms) rows.push(['Test side captured late by', timesOf(late_ms)]);
  if (times) rows.push(['Times, online', timesOf(times.online_ms)], ['Times, test', timesOf(times.test_ms)]);
  return `<table class="sums"><tbody>${rows.map(([name, text]) => `<tr><th scope="row">${name}</th><td>${text}</td></tr>`).join('')}</tbody></table>`;
}

const timesOf = ({ p50, p90, p99, max }: TimesReport['online_ms']): string =>
  `p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, max ${ms(max)}`;

function overview(routes: readonly RouteReport[]): string {
  const rows = routes.slice(0, ROUTES_MAX).map((one, at) => {
    const { route, pairs, differing, differences, carried, times } = one;
    const name = `<code>${escaped(route)}</code>`;
    const what = differences
      .slice(0, 3)
      .map(({ place, kind }) => escaped(`${place} ${kind}`))
      .join(', ');
    return `<tr class="${differing > 0 ? 'bad' : ''}"><th scope="row">${isWorthASection(one) ? `<a href="#route-${at}">${name}</a>` : name}</th><td>${pairs}</td><td>${differing}</td><td>${carried}</td><td>${what}</td>${times ? timesCells(times) : '<td></td><td></td><td></td>'}</tr>`;
  });
  const left = routes.length - ROUTES_MAX;
  return `<div class="wide"><table><thead><tr><th scope="col">Route</th><th scope="col">Pairs</th><th scope="col">Differ</th><th scope="col">Carried</th><th scope="col">In what</th><th scope="col">p50 online, test</th><th scope="col">p99 online, test</th><th scope="col">Test is</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>${left > 0 ? `<p>and ${left} routes more, which the JSON report has.</p>` : ''}`;
}

function timesCells(times: TimesReport): string {
  const { online_ms, test_ms, ratio, verdict: is } = times;
  const cell = (which: 'p50' | 'p99'): string =>
    `<td>${ms(online_ms[which])}, ${ms(test_ms[which])} (${ratio[which].toFixed(2)}x)</td>`;
  return `${cell('p50')}${cell('p99')}<td class="${is === 'slower' ? 'bad' : ''}">${timesVerdict(times)}</td>`;
}

function section(one: RouteReport, at: number): string {
  const { route, pairs, differing, differences, unjudged, noise, learnedFrom } = one;
  return `<section id="route-${at}">
<h3><code>${escaped(route)}</code></h3>
<p>${differing} of ${pairs} differ${unjudged > 0 ? `, ${unjudged} are not judged` : ''}. Noise was learned here from ${learnedFrom} pairs of answers of the same server${learnedFrom === 0 && differing > 0 ? ': what of this is noise is not known' : ''}.</p>
${differences.map(difference).join('\n')}
${carried(one)}
${noise.length > 0 ? `<p>Taken for noise: ${noise.map(({ place, seen, learned }) => `<code>${escaped(place)}</code> ${seen.differs} of ${seen.of}, learned ${learned.differs} of ${learned.of}`).join('; ')}.</p>` : ''}
</section>`;
}

function carried({ carried: count, carriedFrom, carriedDifferences }: RouteReport): string {
  if (count === 0) return '';
  const places = carriedFrom.map((one) => `<code>${escaped(one.place)}</code> ${one.count}`).join(', ');
  return `<h4>Requests that carry what only the online server had given</h4>
<p>${count} answers differ so, and are not counted among the others. It had stood at ${places}.</p>
${carriedDifferences.map(difference).join('\n')}`;
}

function difference({ place, kind, count, examples }: DifferenceReport, at: number): string {
  return `<details${at === 0 ? ' open' : ''}><summary><code>${escaped(place)}</code> ${escaped(kind)}, ${count} times</summary>${examples.map(example).join('')}</details>`;
}

function example({ request, client, asked_s, difference: { online, test } }: Example): string {
  const side = (name: string, text: string | undefined): string =>
    `<div><h4>${name}</h4><pre>${text === undefined ? '<i>nothing</i>' : escaped(text)}</pre></div>`;
  const when = new Date(asked_s * 1000).toISOString();
  return `<p><code>${escaped(request)}</code> <small>${escaped(client)}, ${when}</small></p><div class="sides">${side('online', online)}${side('test', test)}</div>`;
}

function ignoredAndNoise({ ignored }: ComparisonReport): string {
  if (ignored.length === 0) return '';
  return `<h2>Ignored by rule</h2><ul>${ignored.map(({ rule, count }) => `<li><code>${escaped(rule)}</code> ${count} times</li>`).join('')}</ul>`;
}

/** What changes how a text looks or in which direction it runs, and is none itself. */
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (text: string): string => escapedMarkup(text.replace(UNSEEN, '·')).replaceAll("'", '&#39;');
