/** Variables in values, as Compose has them (Compose specification, "Interpolation"). */

export type Variables = Readonly<Record<string, string | undefined>>;

/** What is wrong with a value, and what to do about it. */
export class InterpolationError extends Error {
  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
    this.name = 'InterpolationError';
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** What may stand behind the name in braces. */
const OPERATOR = /:?[-?+]/y;

/**
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`, and `$$` for a dollar sign. Without the
 * colon a variable that is empty counts as set. What stands behind an operator may hold variables in its turn.
 *
 * @throws InterpolationError also for a variable that is not set and has no default, where Compose warns and puts nothing
 */
export function interpolate(text: string, variables: Variables): string {
  let result = '';
  for (let at = 0; at < text.length;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(text, dollar + 1);
      result += braced(text.slice(dollar + 2, end), variables);
      at = end + 1;
    } else {
      const name = matchAt(NAME, text, dollar + 1);
      if (name === undefined) throw malformed(text);
      result += valueOf(name, variables);
      at = dollar + 1 + name.length;
    }
  }
  return result;
}

function braced(inside: string, variables: Variables): string {
  const name = matchAt(NAME, inside, 0);
  if (name === undefined) throw malformed(`\${${inside}}`);
  if (name.length === inside.length) return valueOf(name, variables);
  const operator = matchAt(OPERATOR, inside, name.length);
  if (operator === undefined) throw malformed(`\${${inside}}`);
  const operand = inside.slice(name.length + operator.length);
  const value = variables[name];
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isSet ? interpolate(operand, variables) : '';
  if (isSet) return value;
  if (operator.endsWith('-')) return interpolate(operand, variables);
  throw new InterpolationError(
    `${name} is not set: ${interpolate(operand, variables) || 'it must be'}`,
    `Set ${name} in the environment, or in a file .env beside it.`,
  );
}

function valueOf(name: string, variables: Variables): string {
  const value = variables[name];
  if (value !== undefined) return value;
  throw new InterpolationError(
    `${name} is not set`,
    `Set it in the environment or in a file .env beside it, or write \${${name}:-} where it may be empty.`,
  );
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{' && text[at - 1] === '$') depth += 1;
    if (text[at] === '}' && --depth === 0) return at;
  }
  throw malformed(text);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const malformed = (text: string): InterpolationError =>
  new InterpolationError(`${text} is no variable`, 'Write ${NAME}, or $$ for a dollar sign.');
