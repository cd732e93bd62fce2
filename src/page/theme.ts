/** Light or dark: as the system has it, unless the reader chose. */
import { useEffect, useState } from 'preact/hooks';

/** What can be chosen. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'vitald-theme';
const choices: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const changed = new EventTarget();
const dark = matchMedia('(prefers-color-scheme: dark)');

// A browser may refuse to keep anything; the choice then lasts as long as the page.
let chosen: ThemeChoice = 'system';

function kept(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function show(): void {
  document.documentElement.dataset['theme'] = themeShown();
  changed.dispatchEvent(new Event('change'));
}

/** What the reader chose. */
export function themeChoice(): ThemeChoice {
  return chosen;
}

/** What is shown. */
export function themeShown(): 'light' | 'dark' {
  return chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
}

/** Chooses, and remembers it. */
export function chooseTheme(choice: ThemeChoice): void {
  chosen = choice;
  try {
    if (choice === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, choice);
  } catch {
    // See above.
  }
  show();
}

/** Shows what was chosen before; called once. */
export function startTheme(): void {
  chosen = choices.find((choice) => choice === kept()) ?? 'system';
  dark.addEventListener('change', show);
  show();
}

/** What is shown, for those who must draw anew when it changes. */
export function useTheme(): 'light' | 'dark' {
  const [shown, setShown] = useState(themeShown);
  useEffect(() => {
    const listen = (): void => setShown(themeShown());
    changed.addEventListener('change', listen);
    return () => changed.removeEventListener('change', listen);
  }, []);
  return shown;
}
