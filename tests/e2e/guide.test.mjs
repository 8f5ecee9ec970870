// docs/app-developer-guide.md, as a reader would follow it: its shell steps in their order, and its server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand, startDaemon } from './daemon.mjs';
import { blocksOf, follow, freePort, readersDirectory } from './guides.mjs';

const GO_CLIENT = fileURLToPath(new URL('../../api/clients/go/', import.meta.url));
const GO_MS = 120_000;

test('the steps of the guide for app developers work', async (context) => {
  const daemon = await startDaemon(context);
  const blocks = await blocksOf('app-developer-guide.md');
  assert.ok(blocks.some(({ file }) => file === 'server.mjs'));
  const place = await readersDirectory(context, daemon, blocks);
  await follow(blocks, place, {
    'http://127.0.0.1:8080': daemon.api,
    3000: String(await freePort()),
  });
});

test('the Go client does what it says, with this daemon', async (context) => {
  const daemon = await startDaemon(context);
  const env = { ...process.env, TURNIX_URL: daemon.api, TURNIX_TOKEN: daemon.token };
  for (const verb of [['vet'], ['test', '-count=1']]) {
    const { code, stdout, stderr } = await runCommand('go', [...verb, './...'], {
      cwd: GO_CLIENT,
      env,
      timeout: GO_MS,
    });
    assert.equal(code, 0, stdout + stderr);
  }
});
