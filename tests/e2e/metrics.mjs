// What a daemon's metrics say.

/** The series of a text exposition: {'name{label="value"}': number}. */
export const seriesOf = (text) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );

/** All of them, as they are now. No connection stays behind, which would be among the descriptors counted. */
export const readMetrics = async ({ status }) =>
  seriesOf(await (await fetch(`${status}/metrics`, { headers: { connection: 'close' } })).text());

/** How much each of them has grown since. */
export const growth = (before, now) =>
  Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]));
