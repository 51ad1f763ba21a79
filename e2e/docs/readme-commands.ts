/**
 * The shell commands of a page: the lines of its fenced `sh` blocks, each a command. A comment `# exits N` behind one says
 * that it must end with that status; otherwise it must succeed. A fence that names a file, such as `ts two-clients.ts`,
 * holds what the reader saves under that name. An `output` block shows what commands print.
 */
export interface PageCommand {
  readonly line: string;
  readonly exits: number;
  /** Which of the page's `sh` blocks it stands in. */
  readonly block: number;
}

export interface PageOutput {
  readonly shown: string;
  /** Where it begins with `$ <command>`: all that this command prints. Otherwise a part of what the `sh` block before prints. */
  readonly command: string | undefined;
  /** Which of the page's `sh` blocks stands before it. */
  readonly block: number;
}

export interface Page {
  readonly commands: readonly PageCommand[];
  /** Contents by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly outputs: readonly PageOutput[];
}

export const furtherPages = ['docs/topology.md'] as const;

/** Pages whose commands are followed on a lab, and whose outputs are compared with what comes of them. */
export const followedPages = ['README.md', ...furtherPages] as const;

export function readPage(markdown: string): Page {
  const commands: PageCommand[] = [];
  const files: Record<string, string> = {};
  const outputs: PageOutput[] = [];
  let block = -1;
  for (const [, language, file, content = ''] of markdown.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)) {
    if (file !== undefined) files[file] = content;
    if (language === 'sh') {
      block += 1;
      commands.push(...commandsIn(content, block));
    }
    if (language === 'output') {
      const [, command, printed] = /^\$ (.+)\n([^]*)$/.exec(content) ?? [];
      outputs.push({ shown: printed ?? content, command, block });
    }
  }
  return { commands, files, outputs };
}

function commandsIn(text: string, block: number): PageCommand[] {
  return text
    .split('\n')
    .map((written) => {
      const [, line, comment = ''] = /^(.*?)(?:\s+#\s(.*))?$/.exec(written.trim())!;
      return { line: line!, exits: Number(/^exits (\d+)/.exec(comment)?.[1] ?? 0), block };
    })
    .filter(({ line }) => line !== '');
}

/** What would start this test again inside itself, or end labs that are not the test's; CI runs it another way. */
const notRun = new Set(['make test', 'make lab-down']);

export const isRun = ({ line }: PageCommand): boolean => !notRun.has(line);

/** Commands of the lab that take the name of a lab. */
const named = /(\.\/bin\/lab (?:up|apply|down|exec|link|logs|status|verify))\b/g;

/** The same command for the lab `name`, whatever else runs: `make lab-up` is the `lab up` that it ends with. */
export function inLab(name: string, line: string): string {
  return line
    .replace(/^make lab-up(?: ARGS=("?)(.*)\1)?$/, (_, _quote, args?: string) => `./bin/lab up ${args ?? ''}`)
    .replace(named, `$1 --name ${name}`);
}
