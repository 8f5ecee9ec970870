// Follows a page of the documentation as a reader would: writes the files that it names, runs its steps.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEnd, runCommand, temporaryDirectory } from './daemon.mjs';

const TIMEOUT_MS = 120_000;

export const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The fenced blocks of a page under docs/: [{kind, file, text}]; file is what the fence names. */
export const blocksOf = async (page) => {
  const text = await readFile(fileURLToPath(new URL(`../../docs/${page}`, import.meta.url)), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, file, block]) => ({
    kind,
    file,
    text: block,
  }));
};

/** A directory with the daemon's token where the pages look for it, and the files that these blocks are. */
export const readersDirectory = async (context, daemon, blocks) => {
  const place = await temporaryDirectory(context);
  for (const { file, text } of [{ file: '.turnix/token', text: daemon.token }, ...blocks]) {
    if (!file) continue;
    await mkdir(path.dirname(path.join(place, file)), { recursive: true });
    await writeFile(path.join(place, file), text);
  }
  return place;
};

/** The shell steps, with the addresses of the pages replaced by those of this test: {'page text': 'ours'}. */
const scriptOf = (blocks, replacements) => {
  const steps = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text);
  assert.ok(steps.length > 0);
  let script = steps.join('\n');
  for (const [theirs, ours] of Object.entries(replacements)) script = script.replaceAll(theirs, ours);
  return script;
};

/** Runs the steps to their end. */
export const follow = async (blocks, place, replacements) => {
  const script = scriptOf(blocks, replacements);
  const { code, stdout, stderr } = await runCommand('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: place,
    timeout: TIMEOUT_MS,
  });
  assert.equal(code, 0, stdout + stderr);
};

/** Runs the steps, and keeps what they started in the background until the test ends. */
export const followAndStay = async (context, blocks, place, replacements) => {
  const script = `${scriptOf(blocks, replacements)}\necho followed >&3\nwait`;
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: place,
    detached: true, // a group of its own, which ends as a whole
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.on('data', (bytes) => {
      said += bytes;
    });
  const ended = new Promise((resolve) => shell.on('close', resolve));
  onEnd(context, async () => {
    process.kill(-shell.pid, 'SIGKILL');
    await ended;
  });
  const followed = new Promise((resolve) => shell.stdio[3].once('data', () => resolve(true)));
  const timer = setTimeout(() => process.kill(-shell.pid, 'SIGKILL'), TIMEOUT_MS);
  assert.equal(await Promise.race([followed, ended]), true, said);
  clearTimeout(timer);
};
