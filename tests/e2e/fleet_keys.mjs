// The fleet's keys as `turnixd keys` has them.
import { turnixd } from './daemon.mjs';

/** `turnixd keys …` on a node of this home: what it prints, or why not. */
export const keys = async (home, verb, ...options) => {
  const { code, stdout, stderr } = await turnixd('keys', verb, '--config', home.config, '--json', ...options);
  return code === 0 ? JSON.parse(stdout) : { fault: stderr };
};

/** {number: state} */
export const keyStates = async (home) =>
  Object.fromEntries((await keys(home, 'list')).keys.map(({ number, state }) => [number, state]));
