// While the database cannot be written, credentials are issued and revoked; what waits is written later.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { onEnd, startDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** Another process writes, and does not end: every write of the daemon's fails. Returns what lets go. */
const blockWrites = async (context, daemon) => {
  const other = spawn('sqlite3', [path.join(daemon.directory, 'turnixd.db')]);
  const ended = new Promise((resolve) => other.on('close', resolve));
  const letGo = async () => {
    other.stdin.end();
    await ended;
  };
  onEnd(context, letGo);
  const answered = new Promise((resolve) => other.stdout.once('data', resolve));
  other.stdin.write("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE; SELECT 'begun';\n");
  await answered;
  return letGo;
};

const allocated = async (context, daemon, credential) => {
  const client = await TurnClient.connect(daemon.server('udp'), credential);
  onEnd(context, () => client.close());
  return { client, errorCode: (await client.allocate()).errorCode };
};

test('without its database a node issues and revokes, and writes it down later', async (context) => {
  const daemon = await startDaemon(context);
  const victim = await daemon.post('/api/v1/tokens', { name: 'victim', scopes: ['ice:issue'] });
  const letGo = await blockWrites(context, daemon);
  const refused = await daemon.until(async () => {
    const answer = await daemon.post('/api/v1/tokens', { name: 'late', scopes: ['ice:issue'] });
    return answer.status === 503 ? answer : undefined;
  });
  assert.equal(refused.body.error.code, 'unavailable');
  assert.ok(Number(refused.headers.get('retry-after')) > 0);

  const kept = await daemon.credential({ room: 'kept', ttl: 600 });
  const gone = await daemon.credential({ room: 'gone', ttl: 600 });
  assert.equal((await allocated(context, daemon, kept)).errorCode, undefined);
  const call = await allocated(context, daemon, gone);
  assert.equal(call.errorCode, undefined);
  assert.equal((await daemon.ask('DELETE', '/api/v1/credentials?room=gone')).status, 200);
  await daemon.until(async () => ((await call.client.refresh(600)).errorCode === 437 ? true : undefined));
  assert.equal((await allocated(context, daemon, gone)).errorCode, 401);
  assert.equal((await daemon.ask('DELETE', `/api/v1/tokens/${victim.body.id}`)).status, 503);
  const asVictim = { authorization: `Bearer ${victim.body.token}` };
  assert.equal((await daemon.ask('POST', '/api/v1/credentials/ice', {}, asVictim)).status, 401);

  await letGo();
  const listed = await daemon.until(async () => {
    const { status, body } = await daemon.ask('GET', '/api/v1/credentials?room=kept');
    return status === 200 && body.items.length === 1 ? body.items : undefined;
  });
  assert.equal(listed[0].credential_id, kept.credential_id);
  const { body } = await daemon.ask('GET', `/api/v1/tokens/${victim.body.id}`);
  assert.ok(body.revoked_at);
  const revoked = await daemon.ask('GET', `/api/v1/credentials/${gone.credential_id}`);
  assert.equal(revoked.body.state, 'revoked');
});
