/** What shells complete behind a program's name: its options, and their values where these can be known. */
import type { OptionSpec } from '../../src/process/options';
import { helpOf, valueKind, type ProgramTables } from './program';

const namesOf = ({ short, long }: OptionSpec): string[] => [
  ...(short === undefined ? [] : [`-${short}`]),
  `--${long}`,
];

/** All options, with those that the doctor and other words add; a name that two of them have is the first one's. */
function optionsOf({ specs, doctor, words }: ProgramTables): readonly OptionSpec[] {
  const all = [...specs, ...doctor.specs, ...words.flatMap((word) => word.specs)];
  const known = new Map<string, OptionSpec>();
  for (const spec of all) {
    const { short, ...rest } = spec;
    const isTaken = short !== undefined && [...known.values()].some((one) => one.short === short);
    if (!known.has(spec.long)) known.set(spec.long, isTaken ? rest : spec);
  }
  return [...known.values()];
}

/** That may stand first. */
const wordsOf = ({ words }: ProgramTables): string => ['doctor', ...words.map(({ word }) => word)].join(' ');

/** Devices, as the kernel names them. */
const DEVICES = 'ls /sys/class/net';

/** For bash-completion, which loads it by the program's name. */
export function bashCompletion(program: ProgramTables): string {
  const cases = optionsOf(program).flatMap((spec) => {
    if (spec.value === undefined) return [];
    const value = valueKind(spec.value);
    const words = {
      file: 'compgen -f -- "$current"',
      device: `compgen -W "$(${DEVICES})" -- "$current"`,
      choice: value.kind === 'choice' ? `compgen -W '${value.words.join(' ')}' -- "$current"` : '',
      other: '',
    }[value.kind];
    const reply = words === '' ? '' : `mapfile -t COMPREPLY < <(${words}); `;
    return [`    ${namesOf(spec).join(' | ')}) ${reply}return ;;`];
  });
  return `# ${program.name}(8)
_${program.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $previous in
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W '${wordsOf(program)} ${optionsOf(program).flatMap(namesOf).join(' ')}' -- "$current")
}
complete -F _${program.name} ${program.name}
`;
}

/** For zsh, in a folder of its \`fpath\`. */
export function zshCompletion(program: ProgramTables): string {
  const lines = optionsOf(program).map((spec) => {
    const names = namesOf(spec);
    const [long = '', short] = [names.at(-1), names.length > 1 ? names[0] : undefined];
    const sign = spec.value === undefined ? '' : '=';
    const heads =
      short === undefined
        ? `${long}${sign}`
        : `{${short}${spec.value === undefined ? '' : '+'},${long}${sign}}`;
    const excludes = names.length > 1 ? `'(${names.join(' ')})'` : '';
    const text = `[${zshEscaped(helpOf(spec))}]${spec.value === undefined ? '' : zshValue(spec.value)}`;
    return `  ${excludes}${heads}${zshQuoted(text)}`;
  });
  return `#compdef ${program.name}
_arguments -s \\
${lines.map((line) => `${line} \\`).join('\n')}
  '1::word:(${wordsOf(program)})'
`;
}

function zshValue(value: string): string {
  const kind = valueKind(value);
  const action = { file: '_files', device: '_net_interfaces', other: '', choice: '' }[kind.kind];
  return `:${zshEscaped(value)}:${kind.kind === 'choice' ? `(${kind.words.join(' ')})` : action}`;
}

/** Brackets and colons end a part of a description. */
const zshEscaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&');
const zshQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** For fish, in a folder that it reads for vendors. */
export function fishCompletion(program: ProgramTables): string {
  const lines = optionsOf(program).map((spec) => {
    const short = spec.short === undefined ? '' : ` -s ${spec.short}`;
    return `complete -c ${program.name}${short} -l ${spec.long}${fishValue(spec)} -d ${fishQuoted(helpOf(spec))}`;
  });
  return [
    `# ${program.name}(8)`,
    `complete -c ${program.name} -f`,
    `complete -c ${program.name} -n __fish_is_first_arg -a doctor -d 'why a copy does not work'`,
    ...program.words.map(
      ({ word, synopsis }) =>
        `complete -c ${program.name} -n __fish_is_first_arg -a ${word} -d ${fishQuoted(/^[\w ]+: (.*?)\.?$/m.exec(synopsis)?.[1] ?? '')}`,
    ),
    ...lines,
    '',
  ].join('\n');
}

function fishValue({ value }: OptionSpec): string {
  if (value === undefined) return '';
  const kind = valueKind(value);
  if (kind.kind === 'file') return ' -r -F';
  if (kind.kind === 'device') return ` -x -a '(${DEVICES})'`;
  return kind.kind === 'choice' ? ` -x -a ${fishQuoted(kind.words.join(' '))}` : ' -x';
}

/** In single quotes fish reads only these two escapes. */
const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
