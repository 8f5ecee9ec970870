// The files of packaging/ that no test can run for want of a container engine: what they say to turnixd is
// checked by turnixd itself.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { initialise, temporaryDirectory, turnixdWith } from './daemon.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));
const read = (name) => readFile(path.join(PACKAGING, name), 'utf8');

/** A configuration is checked where its files are this test's. */
const assertNoFault = async (context, config, environment = {}) => {
  const home = await initialise(context);
  const { code, stderr } = await turnixdWith(
    environment,
    'check',
    '--config',
    config ?? home.config,
    ...[
      `data.directory=${home.directory}`,
      `data.key_ring_file=${home.directory}/keys.json`,
      `node.regions_file=${home.directory}/regions.yaml`,
      `relay.tls.certificate=${home.directory}/certificate.pem`,
      `relay.tls.private_key=${home.directory}/private_key.pem`,
    ].flatMap((setting) => ['--set', setting]),
  );
  assert.equal(code, 0, stderr);
};

test("the package's configuration has no fault", async (context) => {
  await assertNoFault(context, path.join(PACKAGING, 'debian/turnixd.yaml'));
});

test('the variables of compose.yaml are keys, with values that they take', async (context) => {
  const services = (await read('container/compose.yaml')).split(/^ {2}(?=[a-z-]+:$)/m);
  const environments = services.map((text) =>
    Object.fromEntries(
      [...text.matchAll(/^ +(TURNIXD__[A-Z_]+): (.*)$/gm)].map(([, name, value]) => [
        name,
        value.replace(/^(["'])(.*)\1$/, '$2'),
      ]),
    ),
  );
  assert.equal(environments.filter((each) => 'TURNIXD__NODE__REGION' in each).length, 3);
  for (const environment of environments) await assertNoFault(context, undefined, environment);
});

test("the Kubernetes manifest's configuration has no fault, and its times fit", async (context) => {
  const manifest = await read('kubernetes/turnixd.yaml');
  const [, block] = /^ {2}turnixd\.yaml: \|\n((?: {4}.*\n)+)/m.exec(manifest);
  const config = path.join(await temporaryDirectory(context), 'turnixd.yaml');
  await writeFile(config, block.replaceAll(/^ {4}/gm, ''));
  await assertNoFault(context, config, { TURNIXD__NODE__PUBLIC_HOST: '192.0.2.1' });
  const drain = Number(/timeout_s: (\d+)/.exec(block)[1]);
  assert.equal(Number(/terminationGracePeriodSeconds: (\d+)/.exec(manifest)[1]), drain + 60);
});
