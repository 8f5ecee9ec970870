// Light, dark, or as the system has it.
import { signal } from '@preact/signals';
import { Monitor, Moon, Sun } from 'lucide-preact';

const KEY = 'turnixd-console-theme';
const ORDER = ['system', 'light', 'dark'] as const;
type Theme = (typeof ORDER)[number];

const ICONS = { system: Monitor, light: Sun, dark: Moon };
const NAMES = { system: 'as the system', light: 'light', dark: 'dark' };

const read = (): Theme => ORDER.find((each) => each === localStorage.getItem(KEY)) ?? 'system';

export const theme = signal<Theme>(read());
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');
/** Changes whenever the colours do, for what draws on a canvas. */
export const colours = signal(0);
systemIsDark.addEventListener('change', () => ++colours.value);

export const applyTheme = () => {
  document.documentElement.dataset['theme'] = theme.value;
  ++colours.value;
};

/** The value of a CSS variable that holds a colour, as it is in the current theme. */
export const colourOf = (element: Element, name: string) => {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

export const ThemeSwitch = () => {
  const current = theme.value;
  const Icon = ICONS[current];
  const next = ORDER[(ORDER.indexOf(current) + 1) % ORDER.length]!;
  const turn = () => {
    theme.value = next;
    localStorage.setItem(KEY, next);
    applyTheme();
  };
  return (
    <button
      type="button"
      class="icon-button"
      onClick={turn}
      aria-label={`Colours: ${NAMES[current]}. Change to ${NAMES[next]}`}
      title={`Colours: ${NAMES[current]}`}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
};
