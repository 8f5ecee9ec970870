// docs/tutorials/, each as a reader would follow it; where a page says what is to be seen, it is looked for.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTwoTabs } from './chromium.mjs';
import { startDaemon, temporaryDirectory } from './daemon.mjs';
import { blocksOf, follow, followAndStay, freePort, readersDirectory } from './guides.mjs';
import { readAsDart, replay } from './sdk.mjs';

const SOURCE = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const STEP_MS = 30_000;

/** A daemon and a directory with the page's files: {blocks, place, daemon, replacements, port}. */
const open = async (context, page) => {
  const daemon = await startDaemon(context);
  const blocks = await blocksOf(`tutorials/${page}`);
  const place = await readersDirectory(context, daemon, blocks);
  const port = await freePort();
  const replacements = { 'http://127.0.0.1:8080': daemon.api, 3000: String(port) };
  return { daemon, blocks, place, port, replacements };
};

/** Two tabs of a browser whose camera is a test picture. */
const openTabs = async (context, url) =>
  openTwoTabs(context, {
    url,
    home: await temporaryDirectory(context),
    args: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
    stepMs: STEP_MS,
  });

describe('the tutorials', () => {
  test('two browser tabs see each other, through the relay', async (context) => {
    const { daemon, blocks, place, port, replacements } = await open(context, 'browser-call.md');
    await followAndStay(context, blocks, place, replacements);
    const tabs = await openTabs(context, `http://127.0.0.1:${port}/`);
    await tabs[0].click('#call');
    for (const tab of tabs) {
      await tab.waitForFunction("state.value === 'connected'");
      await tab.waitForFunction('theirs.videoWidth > 0');
    }
    const { body } = await daemon.ask('GET', '/api/v1/sessions?room=tutorial&state=live');
    assert.ok(body.items.length >= 2);
  });

  test('a server in Go hands out credentials', async (context) => {
    const { blocks, place, replacements } = await open(context, 'go-server.md');
    await followAndStay(context, blocks, place, { ...replacements, '~/turnixd': SOURCE });
  });

  test("a Flutter app's request is the SDK's own, and is answered as that demands", async (context) => {
    const { daemon, blocks, place, replacements } = await open(context, 'flutter.md');
    await follow(blocks, place, replacements);
    const shown = blocks.find(({ kind }) => kind === 'http').text.trimEnd().replaceAll('\n', '\r\n');
    const recorded = await readFile(new URL('fixtures/dart_sdk.http', import.meta.url), 'utf8');
    assert.equal(shown, recorded);
    assert.equal(readAsDart(await replay(shown, daemon)).ttl, 120);
  });

  test('a token is rotated, with an overlap and without', async (context) => {
    const { blocks, place, replacements } = await open(context, 'rotate-a-token.md');
    await follow(blocks, place, replacements);
  });

  test('what all of them begin with works', async (context) => {
    const { blocks, place, replacements } = await open(context, 'README.md');
    await follow(blocks, place, replacements);
  });
});
