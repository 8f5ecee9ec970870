// The console's files as they come over HTTP, and that they are what the sources make.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { runCommand, startDaemon, suiteContext, temporaryDirectory } from './daemon.mjs';

const WEB = fileURLToPath(new URL('../../api/console/web/', import.meta.url));
const DIST = fileURLToPath(new URL('../../api/console/dist/', import.meta.url));
const DECODERS = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  identity: async (body) => body,
};

/** GET without anything that fetch adds or undoes: {status, headers, body}. */
const get = (url, headers) =>
  new Promise((resolve, reject) => {
    http
      .get(url, { headers, agent: false }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
      .on('error', reject);
  });

const filesIn = async (directory) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(directory)).map(async (name) => [
        name,
        await readFile(path.join(directory, name), 'utf8'),
      ]),
    ),
  );

describe('the files of the console', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  for (const encoding of Object.keys(DECODERS)) {
    test(`come whole in ${encoding}, and only once`, async () => {
      for (const [name, contents] of Object.entries(await filesIn(DIST))) {
        const url = `${daemon.api}/console${name === 'index.html' ? '' : `/files/${name}`}`;
        const { status, headers, body } = await get(url, { 'accept-encoding': encoding });
        assert.equal(status, 200);
        assert.equal(headers['content-encoding'] ?? 'identity', encoding);
        assert.equal((await DECODERS[encoding](body)).toString(), contents);
        const again = await get(url, { 'accept-encoding': encoding, 'if-none-match': headers.etag });
        assert.equal(again.status, 304);
      }
    });
  }
});

test('dist/ is what web/ makes, and its types fit', async (context) => {
  const directory = path.join(await temporaryDirectory(context), 'dist');
  const built = await runCommand('node', ['build.mjs', directory], { cwd: WEB });
  assert.equal(built.code, 0, built.stderr);
  const [made, kept] = [await filesIn(directory), await filesIn(DIST)];
  const remedy = 'run `npm ci && npm run build` in api/console/web';
  assert.deepEqual(Object.keys(kept).sort(), Object.keys(made).sort(), remedy);
  for (const name of Object.keys(made)) assert.ok(kept[name] === made[name], `${name}: ${remedy}`);
  const checked = await runCommand('npx', ['--no-install', 'tsc'], { cwd: WEB });
  assert.equal(checked.code, 0, checked.stdout);
});
