// A crowd of connections that keep a server waiting: see slow_crowd.py.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onEnd } from '../e2e/daemon.mjs';

const PROGRAM = fileURLToPath(new URL('slow_crowd.py', import.meta.url));

/** {kind, count, port, path}: {state: {open, closed} as it is now, close}. */
export const gatherCrowd = async (context, what) => {
  const child = spawn('python3', [PROGRAM, JSON.stringify(what)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gathered = { state: { open: 0, closed: 0 } };
  const firstLook = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      gathered.state = JSON.parse(line);
      resolve();
    });
    child.on('close', () => reject(new Error('the crowd has gone')));
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  gathered.close = async () => {
    child.stdin.end();
    await ended;
  };
  onEnd(context, gathered.close);
  await firstLook;
  return gathered;
};
