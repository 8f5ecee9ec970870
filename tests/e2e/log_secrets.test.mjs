// What is secret stays out of the log, however much it tells, and what strangers write into it is text.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';
import { initialise, onEnd, runDaemon, turnixd } from './daemon.mjs';
import { ATTRIBUTE } from './stun_message.mjs';
import { TurnClient } from './turn_client.mjs';

const FORMATS = '%s%x%n{}{0}';
const SHARED_SECRET = 'a-shared-secret-of-applications';
const USER_PASSWORD = 'a-password-of-a-user';
const GUESSED = 'a-password-that-was-guessed';

/** Every text of a JSON value that is long enough to be a secret. */
const longTexts = (value) => {
  if (typeof value === 'string') return value.length >= 32 ? [value] : [];
  return value && typeof value === 'object' ? Object.values(value).flatMap(longTexts) : [];
};

/** A data directory with a shared secret and a user whose name is a format: {home, settings}. */
const prepare = async (context, format) => {
  const home = await initialise(context);
  const write = async (name, content) => {
    const file = path.join(home.directory, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const settings = {
    'log.level': 'trace',
    'log.format': format,
    'api.webhooks.allow_private_targets': true,
    'relay.interop.shared_secrets_file': await write('shared', `${SHARED_SECRET}\n`),
    'relay.interop.users_file': await write('users', `${FORMATS}:${USER_PASSWORD}\n`),
  };
  return { home, settings };
};

/** A receiver of webhooks that takes none: {url, arrived}. */
const openHook = async (context) => {
  const server = http.createServer((_, response) => response.writeHead(500).end());
  onEnd(context, () => server.close());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const arrived = new Promise((resolve) => server.once('request', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, arrived };
};

/** Asks the API for everything that has a secret, rightly and wrongly: the secrets. */
const askForSecrets = async (context, daemon) => {
  const made = await daemon.post('/api/v1/tokens', { name: FORMATS, scopes: ['ice:issue'] });
  assert.equal(made.status, 201);
  const rotated = await daemon.post(`/api/v1/tokens/${made.body.id}/rotate`, {});
  const wrong = made.body.token.replace(/_[^_]{8}/, '_AAAAAAAA');
  assert.equal((await daemon.ask('GET', '/api/v1/tokens', undefined, bearer(wrong))).status, 401);
  const hook = await openHook(context);
  const webhook = await daemon.post('/api/v1/webhooks', { url: hook.url, events: ['session.started'] });
  assert.equal(webhook.status, 201);
  const issued = await daemon.credential({ room: 'demo' });
  const key = 'an-idempotency-key-of-a-client-of-ours';
  await daemon.post('/api/v1/tokens', { name: 'b', scopes: ['ice:issue'] }, { 'idempotency-key': key });
  await daemon.ask('GET', `/api/v1/rooms/${encodeURIComponent(FORMATS)}?${FORMATS}`);
  const tokens = [daemon.token, made.body.token, rotated.body.token, wrong];
  return { tokens, issued, hook, others: [webhook.body.secret, key] };
};
const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** Sessions of right and wrong passwords, and of names that are formats. */
const callEverybody = async (context, daemon, issued) => {
  for (const [username, credential, code] of [
    [issued.username, issued.credential, undefined],
    [issued.username, GUESSED, 401],
    [FORMATS, USER_PASSWORD, undefined],
    [FORMATS, GUESSED, 401],
    [`${FORMATS}\n\u001b[2J`, GUESSED, 401],
  ])
    for (const transport of ['udp', 'tls']) {
      const client = await TurnClient.connect(daemon.server(transport), { username, credential });
      onEnd(context, () => client.close());
      assert.equal((await client.allocate([[ATTRIBUTE.software, FORMATS]])).errorCode, code, username);
    }
};

describe('the log at its lowest level', () => {
  for (const format of ['text', 'json'])
    test(`as ${format}: no secret, and names that are formats are text`, async (context) => {
      const { home, settings } = await prepare(context, format);
      const daemon = await runDaemon(context, home, settings);
      const { tokens, issued, hook, others } = await askForSecrets(context, daemon);
      assert.equal((await turnixd('debug', '--config', home.config, issued.credential_id)).code, 0);
      await callEverybody(context, daemon, issued);
      await hook.arrived;
      assert.equal((await turnixd('reload', '--config', home.config)).code, 0);
      const keys = longTexts(JSON.parse(await readFile(path.join(home.directory, 'keys.json'), 'utf8')));
      assert.ok(keys.length > 0);
      const nodeKey = (await readFile(path.join(home.directory, 'node.key'), 'utf8')).trim();

      const { code, stderr } = await daemon.stop();
      assert.equal(code, 0);
      const secrets = [
        ...tokens.flatMap((token) => [token, token.split('_')[2]]),
        ...[issued.username, issued.credential, SHARED_SECRET, USER_PASSWORD, GUESSED],
        ...[...others, ...keys, nodeKey],
      ];
      for (const secret of secrets) {
        assert.ok(secret?.length >= 16, `no secret: ${secret}`);
        assert.ok(!stderr.includes(secret), `${secret} is in the log: ${stderr}`);
      }
      const lines = stderr.trim().split('\n');
      assert.ok(stderr.includes(issued.credential_id), 'the log told little');
      assert.ok(!stderr.includes('\u001b'));
      if (format === 'json')
        for (const line of lines) assert.equal(typeof JSON.parse(line).message, 'string');
      context.diagnostic(
        `figure: security-logs: ${secrets.length} secrets in none of ${lines.length} lines of ${format}`,
      );
    });
});
