// Figures as people read them.

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

const scaled = (value: number, unit: string) => {
  let step = 0;
  while (Math.abs(value) >= 1000 && step < UNITS.length - 1) {
    value /= 1000;
    ++step;
  }
  const digits = step === 0 || Math.abs(value) >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[step]}${unit}`;
};

export const bytes = (value: number) => scaled(value, 'B');
export const bitRate = (bitsPerSecond: number) => scaled(bitsPerSecond, 'bit/s');
export const perSecond = (value: number) => `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}/s`;
export const count = (value: number) => value.toLocaleString('en-GB').replaceAll(',', '\u202f');

export const milliseconds = (value: number) =>
  value < 10
    ? `${value.toFixed(1)} ms`
    : value < 10_000
      ? `${Math.round(value)} ms`
      : duration(value / 1000);

/** 75 s as "1 min 15 s": the two largest units. */
export const duration = (seconds: number) => {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
};

const DATE = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export const dateTime = (iso: string) => DATE.format(new Date(iso));

/** "3 min ago", "in 2 h". */
export const relative = (iso: string, now = Date.now()) => {
  const seconds = (now - Date.parse(iso)) / 1000;
  const amount = Math.abs(seconds);
  if (amount < 5) return 'now';
  const [size, unit] =
    amount < 60 ? [1, 's'] : amount < 3600 ? [60, 'min'] : amount < 86_400 ? [3600, 'h'] : [86_400, 'd'];
  const text = `${Math.floor(amount / (size as number))} ${unit}`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
};

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region' });
/** "Frankfurt, Germany"; ZZ stands for no country. */
export const cityAndCountry = ({ city, nat2 }: { city: string; nat2: string }) =>
  nat2 === 'ZZ' ? city : `${city}, ${COUNTRIES.of(nat2) ?? nat2}`;

/** "session_ended" as "Session ended". */
export const words = (name: string) => {
  const text = name.replace(/[_.-]+/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
