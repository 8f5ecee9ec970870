// A daemon's configuration file, changed while the daemon runs.
import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { turnixd } from './daemon.mjs';

/** Puts other text into the file, in one step. */
export const edit = async ({ config }, from, to) => {
  const text = await readFile(config, 'utf8');
  assert.ok(text.includes(from), from);
  await writeFile(`${config}.new`, text.replace(from, to));
  await rename(`${config}.new`, config);
};

export const reload = ({ config }) => turnixd('reload', '--config', config);
