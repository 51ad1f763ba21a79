/** What a lesson says, as paragraphs and commands: it is written for terminals, with lines that are broken by hand. */

export interface Block {
  readonly kind: 'paragraph' | 'commands';
  readonly text: string;
}

const WIDE = /[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]/;

/** Lines that begin with two spaces are commands; an empty line ends a paragraph. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let above = '';
  for (const line of text.split('\n')) {
    const kind = line.startsWith('  ') ? 'commands' : 'paragraph';
    const last = blocks.at(-1);
    if (line.trim() === '') above = '';
    else if (last?.kind === kind && above !== '')
      blocks[blocks.length - 1] = { kind, text: joined(last.text, line.trim(), kind) };
    else blocks.push({ kind, text: line.trim() });
    above = line.trim();
  }
  return blocks;
}

/** Chinese characters stand beside each other without a space. */
function joined(above: string, line: string, kind: Block['kind']): string {
  if (kind === 'commands') return `${above}\n${line}`;
  const wide = WIDE.test(above.at(-1)!) && WIDE.test(line[0]!);
  return `${above}${wide ? '' : ' '}${line}`;
}
