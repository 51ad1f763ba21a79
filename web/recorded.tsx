import { render } from 'preact';
import type { Recordings } from '../lab/web/messages/recording';
import { RecordedApp } from './recorded/recorded-app';
import './style.css';

/** Out of base64 and gzip; nothing is fetched. */
async function unpacked(text: string): Promise<Recordings> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as Recordings;
}

const { recordings } = await unpacked(document.getElementById('recordings')!.textContent);
render(<RecordedApp recordings={recordings} />, document.getElementById('page')!);
