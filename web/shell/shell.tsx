/** Around every page: its title, language and colours. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { usePreference } from '../state/use-preference';
import { LanguageContext, languageFor, languages, type Language, type Words } from '../words/language';

const themes = ['auto', 'light', 'dark'] as const;
const languageNames = Object.keys(languages) as Language[];

interface Props {
  readonly title: (words: Words) => string;
  /** What the page is about. */
  readonly about: string;
  readonly alarm: boolean;
  readonly children: (words: Words) => ComponentChildren;
}

export function Shell({ title, about, alarm, children }: Props) {
  const [language, setLanguage] = usePreference('language', languageNames, languageFor(navigator.languages));
  const [theme, setTheme] = usePreference('theme', themes, 'auto');
  const words = languages[language];
  const heading = title(words);

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset['theme'] = theme;
    document.title = about === '' ? heading : `${about} – ${heading}`;
  }, [language, theme, about, heading]);

  return (
    <LanguageContext.Provider value={language}>
      <div class={alarm ? 'page leaking' : 'page'}>
        <a class="skip" href="#picture">
          {words.skip}
        </a>
        <header>
          <h1>
            {heading}
            <span class="lab"> {about}</span>
          </h1>
          <label>
            {words.language}
            <select
              value={language}
              onChange={({ currentTarget }) => setLanguage(currentTarget.value as Language)}
            >
              {languageNames.map((one) => (
                <option key={one} value={one} lang={one}>
                  {languages[one].languageName}
                </option>
              ))}
            </select>
          </label>
          <label>
            {words.theme}
            <select
              value={theme}
              onChange={({ currentTarget }) => setTheme(currentTarget.value as (typeof themes)[number])}
            >
              {themes.map((one) => (
                <option key={one} value={one}>
                  {words.themes[one]}
                </option>
              ))}
            </select>
          </label>
        </header>
        {children(words)}
      </div>
    </LanguageContext.Provider>
  );
}
