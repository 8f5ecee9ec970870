// The commands that speak to a running daemon as its operator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { onEnd, startDaemon, turnixd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** As soon as a revocation is to be in effect. */
const REVOKED_WITHIN_MS = 200;

const allocated = async (context, daemon, credential) => {
  const client = await TurnClient.connect(daemon.server('udp'), credential);
  onEnd(context, () => client.close());
  assert.equal((await client.allocate()).errorCode, undefined);
  return client;
};

const commandsOf =
  (daemon) =>
  async (...args) => {
    const { code, stdout, stderr } = await turnixd(...args, '--config', daemon.config, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

test('sessions are listed, shown and ended; credentials are revoked', async (context) => {
  const daemon = await startDaemon(context);
  const run = commandsOf(daemon);
  const credential = await daemon.credential({ room: 'standup', ttl: 600 });
  const clients = [
    await allocated(context, daemon, credential),
    await allocated(context, daemon, credential),
  ];
  const { items } = await run('sessions', 'list', '--room', 'standup', '--live');
  assert.equal(items.length, 2);
  const [{ id }] = items;
  assert.equal((await run('sessions', 'show', id)).id, id);
  assert.equal((await run('sessions', 'end', id)).state, 'ended');
  const codes = async () =>
    Promise.all(clients.map(async (client) => (await client.refresh(600)).errorCode));
  assert.deepEqual((await codes()).filter((code) => code === 437).length, 1);

  assert.equal((await run('revoke', '--room', 'other', '--drain')).sessions, 'drain');
  assert.equal((await run('revoke', credential.credential_id)).sessions, 'terminate');
  await pause(REVOKED_WITHIN_MS);
  assert.deepEqual(await codes(), [437, 437]);
  const { code, stderr } = await turnixd('revoke', 'ice_none', '--config', daemon.config);
  assert.equal(code, 1);
  assert.match(stderr, /no such credential/);
});

test('status shows the region and the figures of the last seconds', async (context) => {
  const daemon = await startDaemon(context);
  const run = commandsOf(daemon);
  await allocated(context, daemon, await daemon.credential());
  const { region, figures } = await daemon.until(async () => {
    const status = await run('status');
    return status.figures?.node.live_sessions === 1 ? status : undefined;
  });
  assert.equal(region.is_operational, true);
  assert.equal(figures.live_sessions, 1);
  const { code, stdout } = await turnixd('status', '--config', daemon.config);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^${region.slug} +operational\nsessions +1 of at most`));
});

test('the region is drained and taken back', async (context) => {
  const daemon = await startDaemon(context);
  const run = commandsOf(daemon);
  const drained = await run('drain');
  assert.equal(drained.is_operational, false);
  const listed = await run('regions');
  assert.deepEqual(
    listed.find(({ slug }) => slug === drained.slug),
    drained,
  );
  const refused = await daemon.post('/api/v1/credentials/ice', { fixed_region: drained.slug });
  assert.equal(refused.body.error.code, 'region_unavailable');
  assert.equal((await run('drain', '--off')).is_operational, true);
});
