// kill -9 in the middle of writes, again and again: the database is whole, and has what it acknowledged once.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { initialise, onEnd, runCommand, runDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const KILLS = process.env.TURNIX_PROVE_SCALE === 'full' ? 200 : 20;
const LOOK_INTERVAL_MS = 20;

/** Makes tokens until the daemon is gone: the ids of those that were acknowledged. */
const makeTokens = async (daemon, acknowledged) => {
  for (;;) {
    try {
      const { status, body } = await daemon.post('/api/v1/tokens', { name: 'a', scopes: ['ice:issue'] });
      if (status === 201) acknowledged.push(body.id);
    } catch {
      return;
    }
  }
};

/** Allocates, relays to itself and lets go of it until the daemon is gone. */
const relay = async (daemon) => {
  for (;;) {
    try {
      const client = await TurnClient.connect(daemon.server('tcp'), await daemon.credential());
      const { relayed } = await client.allocate();
      await client.createPermission(relayed);
      client.send(relayed, 'to itself');
      await client.receive();
      await client.refresh(0);
      client.close();
    } catch {
      return;
    }
  }
};

/** Adds the ended sessions that the API tells of, with their bytes, until the daemon is gone. */
const lookAtSessions = async (daemon, seen) => {
  for (;;) {
    try {
      const { body } = await daemon.ask('GET', '/api/v1/sessions?state=ended&limit=20');
      for (const { id, traffic } of body.items)
        seen.set(id, [traffic.uplink_bytes, traffic.downlink_bytes]);
      await pause(LOOK_INTERVAL_MS);
    } catch {
      return;
    }
  }
};

test(`kill -9 during writes, ${KILLS} times`, { timeout: 900_000 }, async (context) => {
  const home = await initialise(context);
  const acknowledged = [];
  const seen = new Map();
  const calls = []; // each notices the end of its daemon when its answer is overdue
  for (let round = 0; round < KILLS; ++round) {
    const daemon = await runDaemon(context, home, {
      'api.limits.requests_per_second_per_token': 10_000,
      'api.limits.requests_burst_per_token': 10_000,
    });
    calls.push(relay(daemon));
    const writing = Promise.all([
      ...[1, 2, 3, 4].map(() => makeTokens(daemon, acknowledged)),
      lookAtSessions(daemon, seen),
    ]);
    await pause(150 + 37 * (round % 7));
    await daemon.kill();
    await writing;
  }
  await Promise.all(calls);
  const database = path.join(home.directory, 'turnixd.db');
  const query = async (sql) => {
    const { code, stdout, stderr } = await runCommand('sqlite3', ['-json', database, sql]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout || '[]');
  };
  assert.deepEqual(await query('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const kept = await query('SELECT lower(hex(id)) AS id FROM tokens');
  const times = new Map();
  for (const { id } of kept) times.set(id, (times.get(id) ?? 0) + 1);
  assert.ok(acknowledged.length > KILLS, `only ${acknowledged.length} writes were acknowledged`);
  for (const id of acknowledged) assert.equal(times.get(id), 1, `token ${id}`);
  assert.ok(seen.size > KILLS, `only ${seen.size} sessions were seen`);
  const sessions = new Map();
  for (const { id, uplink_bytes, downlink_bytes } of await query(
    'SELECT lower(hex(id)) AS id, uplink_bytes, downlink_bytes FROM sessions',
  ))
    sessions.set(id, [uplink_bytes, downlink_bytes]);
  for (const [id, bytes] of seen) assert.deepEqual(sessions.get(id), bytes, `session ${id}`);
  const [{ doubled }] = await query(
    `SELECT count(*) AS doubled FROM
     (SELECT 1 FROM session_samples GROUP BY session_id, sequence HAVING count(*) > 1)`,
  );
  assert.equal(doubled, 0);
  const [{ apart }] = await query(
    `SELECT count(*) AS apart FROM sessions LEFT JOIN (SELECT session_id, sum(uplink_bytes) AS up,
     sum(downlink_bytes) AS down FROM usage GROUP BY 1) ON session_id = id
     WHERE uplink_bytes <> coalesce(up, 0) OR downlink_bytes <> coalesce(down, 0)`,
  );
  assert.equal(apart, 0);
  context.diagnostic(
    `figure: storage-kill: ${KILLS} kills amid writes: integrity_check ok; of ${acknowledged.length} ` +
      `tokens acknowledged and ${seen.size} ended sessions shown, 0 lost or doubled; usage adds up for all ` +
      `${sessions.size} sessions`,
  );
});
