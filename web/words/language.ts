/** The reader's language, and numbers as it writes them. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en, type Words } from './en';
import { zh } from './zh';

export type { Words };

export type Language = 'en' | 'zh';

export const languages: Readonly<Record<Language, Words>> = { en, zh };

export const LanguageContext = createContext<Language>('en');

export const useLanguage = (): Language => useContext(LanguageContext);
export const useWords = (): Words => languages[useLanguage()];

/** @param preferred as the browser has them, the best first */
export const languageFor = (preferred: readonly string[]): Language =>
  preferred.map((tag) => tag.slice(0, 2)).find((tag): tag is Language => tag in languages) ?? 'en';

const locale: Readonly<Record<Language, string>> = { en: 'en-US', zh: 'zh-CN' };

/** With up to `digits` decimals. */
export const formatNumber = (value: number, language: Language, digits = 0): string =>
  value.toLocaleString(locale[language], { maximumFractionDigits: digits });

/** Hours to milliseconds. */
export function formatTime(at_ms: number): string {
  const date = new Date(at_ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(Math.floor(at_ms % 1000)).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
