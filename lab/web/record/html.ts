/** Recordings as one page that needs nothing else: no server, no network, no other file. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Recording, Recordings } from '../messages/recording';
import { recordedParts } from '../serve/page';

const PAGE_BYTES_MAX = 3_000_000;

/** Drops what can be gone through frame by frame, and then frames at all, where they are too many for a page. */
export async function recordingsPage(recordings: readonly Recording[]): Promise<string> {
  const withoutExchanges = recordings.map((one) => ({ ...one, exchanges: [] }));
  const withoutFrames = withoutExchanges.map((one) => ({
    ...one,
    messages: one.messages.filter(({ message }) => message.kind !== 'frames'),
  }));
  const parts = await recordedParts();
  for (const kept of [recordings, withoutExchanges, withoutFrames]) {
    const page = pageOf({ format: 1, recordings: kept }, parts);
    if (page.length < PAGE_BYTES_MAX) return page;
  }
  throw new TooLongError();
}

class TooLongError extends Error {
  readonly code = 'RECORDING_TOO_LONG';
  readonly mend = 'Record fewer scenarios or rounds in one page.';

  constructor() {
    super(`The recordings take more than ${PAGE_BYTES_MAX} bytes.`);
  }
}

function pageOf(
  recordings: Recordings,
  { script, style, icon }: Awaited<ReturnType<typeof recordedParts>>,
): string {
  const data = gzipSync(JSON.stringify(recordings), { level: 9 }).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>lab recording</title>
<link rel="icon" href="data:image/svg+xml;base64,${Buffer.from(icon).toString('base64')}">
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/gzip;base64" id="recordings">${data}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** Of an inline element's text (CSP Level 3, section 6.7.3). */
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What a page holds. @throws Error when it is no page of recordings */
export function recordingsIn(page: string): Recordings {
  const data = /id="recordings">([^<]*)</.exec(page)?.[1];
  if (data === undefined) throw new Error('It is no page of recordings.');
  return JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()) as Recordings;
}
