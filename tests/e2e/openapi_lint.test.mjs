// The linter of another house finds no fault with api/openapi.yaml.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const DOCUMENT = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));

const lint = async (source) => {
  // Whether the node is alive is not the caller's fault.
  const config = await createConfig({
    extends: ['recommended'],
    rules: { 'operation-4xx-response': 'off' },
  });
  const problems = await lintFromString({ source, absoluteRef: DOCUMENT, config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
};

test('api/openapi.yaml passes the recommended rules without a warning', async () => {
  assert.deepEqual(await lint(await readFile(DOCUMENT, 'utf8')), []);
});

test('the linter does find a fault', async () => {
  const source = await readFile(DOCUMENT, 'utf8');
  const broken = source.replace('operationId: listRegions', 'operationId: createToken');
  assert.match((await lint(broken)).join('\n'), /operationId/);
});
