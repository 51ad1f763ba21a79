/** What is said to learners, in each language that it is said in. */

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** A sentence, a paragraph or a page; `{online}` stands for the address of that node, `{online6}` for that of IPv6, `{exec}` for the command that reaches nodes. */
export type Words = Readonly<Record<Language, string>>;

/** @param environment where locale(7) says which language a person reads */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(Boolean) ?? '';
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** What placeholders stand for in one lab. */
export type Places = Readonly<Record<string, string>>;

/** Placeholders that are not among the places stay as they are: braces also belong to what is quoted. */
export const filled = (text: string, places: Places): string =>
  text.replace(/\{([a-z][a-z0-9-]*)\}/g, (written, name: string) => places[name] ?? written);
