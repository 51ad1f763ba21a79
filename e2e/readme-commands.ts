/**
 * The shell commands of a page: the lines of its fenced `sh` blocks, each a command. A comment `# exits N` behind one says
 * that it must end with that status; otherwise it must succeed. A fence that names a file, such as `ts two-clients.ts`,
 * holds what the reader saves under that name.
 */
export interface PageCommand {
  readonly line: string;
  readonly exits: number;
}

export interface Page {
  readonly commands: readonly PageCommand[];
  /** Contents by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Blocks without a language's meaning: outputs. */
  readonly outputs: readonly string[];
}

export function readPage(markdown: string): Page {
  const blocks = [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(
    ([, language, file, content]) => ({ language, file, content: content! }),
  );
  return {
    commands: blocks.flatMap(({ language, content }) => (language === 'sh' ? commandsIn(content) : [])),
    files: Object.fromEntries(
      blocks.flatMap(({ file, content }) => (file === undefined ? [] : [[file, content]])),
    ),
    outputs: blocks.flatMap(({ language, content }) => (language === 'text' ? [content] : [])),
  };
}

function commandsIn(block: string): PageCommand[] {
  return block
    .split('\n')
    .map((text) => {
      const [, line, comment = ''] = /^(.*?)(?:\s+#\s(.*))?$/.exec(text.trim())!;
      return { line: line!, exits: Number(/^exits (\d+)/.exec(comment)?.[1] ?? 0) };
    })
    .filter(({ line }) => line !== '');
}

/** What would start this test again inside itself, or end labs that are not the test's; CI runs it another way. */
const notRun = new Set(['make test', 'make lab-down']);

export const isRun = ({ line }: PageCommand): boolean => !notRun.has(line);

/** Commands of the lab that take the name of a lab. */
const named = /(\.\/bin\/lab (?:up|down|exec|logs|status|verify))\b/g;

/** The same command for the lab `name`, whatever else runs: `make lab-up` is the `lab up` that it ends with. */
export function inLab(name: string, line: string): string {
  return line
    .replace(/^make lab-up(?: ARGS=("?)(.*)\1)?$/, (_, _quote, args?: string) => `./bin/lab up ${args ?? ''}`)
    .replace(named, `$1 --name ${name}`);
}
