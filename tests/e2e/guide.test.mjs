// docs/app-developer-guide.md, as a reader would follow it: its shell steps in their order, and its server.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand, startDaemon, temporaryDirectory } from './daemon.mjs';

const GUIDE = fileURLToPath(new URL('../../docs/app-developer-guide.md', import.meta.url));
const GO_CLIENT = fileURLToPath(new URL('../../api/clients/go/', import.meta.url));
const TIMEOUT_MS = 60_000;

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

test('the steps of the guide for app developers work', async (context) => {
  const daemon = await startDaemon(context);
  const place = await temporaryDirectory(context);
  await mkdir(path.join(place, '.turnix'));
  await writeFile(path.join(place, '.turnix/token'), daemon.token);
  const guide = await readFile(GUIDE, 'utf8');
  const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const server = blocks.find(([, kind, text]) => kind === 'js' && text.includes('createServer'))[2];
  await writeFile(path.join(place, 'server.mjs'), server);
  const steps = blocks.filter(([, kind]) => kind === 'sh').map(([, , text]) => text);
  assert.ok(steps.length >= 5);
  const script = steps
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', daemon.api)
    .replaceAll('3000', String(await freePort()));
  const { code, stdout, stderr } = await runCommand('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: place,
    timeout: TIMEOUT_MS,
  });
  assert.equal(code, 0, stdout + stderr);
});

test('the Go client does what it says, with this daemon', async (context) => {
  const daemon = await startDaemon(context);
  const env = { ...process.env, TURNIX_URL: daemon.api, TURNIX_TOKEN: daemon.token };
  for (const verb of [['vet'], ['test', '-count=1']]) {
    const { code, stdout, stderr } = await runCommand('go', [...verb, './...'], {
      cwd: GO_CLIENT,
      env,
      timeout: 2 * TIMEOUT_MS,
    });
    assert.equal(code, 0, stdout + stderr);
  }
});
