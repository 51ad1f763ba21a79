/** `--lang`: in which language lessons and exams speak. */
import { Option } from 'commander';
import { languageOf, languages, type Language } from '../../lessons/words/language';

export interface LanguageOptions {
  readonly lang?: Language;
}

export const languageOption = (): Option =>
  new Option('--lang <language>', 'in which language (default: that of LANG)').choices(languages);

export const languageChosen = ({ lang }: LanguageOptions): Language => lang ?? languageOf(process.env);
