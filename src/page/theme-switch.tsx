/** Light, dark, or as the system has it. */
import { useState } from 'preact/hooks';
import { chooseTheme, themeChoice, type ThemeChoice } from './theme.ts';

const words: readonly (readonly [choice: ThemeChoice, word: string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** The switch. */
export function ThemeSwitch() {
  const [choice, setChoice] = useState(themeChoice);
  return (
    <fieldset class="filters theme">
      <legend class="unseen">Colours</legend>
      {words.map(([each, word]) => (
        <label key={each} class="filter">
          <input
            type="radio"
            name="theme"
            checked={choice === each}
            onChange={() => {
              chooseTheme(each);
              setChoice(each);
            }}
          />
          {word}
        </label>
      ))}
    </fieldset>
  );
}
