// kill -9 in the middle of writes, again and again: the database is whole, and has what it acknowledged once.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { initialise, onEnd, runCommand, runDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const KILLS = process.env.TURNIX_PROVE_SCALE === 'full' ? 50 : 20;

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

/** Allocates, relays and lets go of it until the daemon is gone. */
const relay = async (daemon) => {
  for (;;) {
    try {
      const client = await TurnClient.connect(daemon.server('tcp'), await daemon.credential());
      await client.allocate();
      await client.refresh(0);
      client.close();
    } catch {
      return;
    }
  }
};

test(`kill -9 during writes, ${KILLS} times`, { timeout: 300_000 }, async (context) => {
  const home = await initialise(context);
  const acknowledged = [];
  for (let round = 0; round < KILLS; ++round) {
    const daemon = await runDaemon(context, home, {
      'api.limits.requests_per_second_per_token': 10_000,
      'api.limits.requests_burst_per_token': 10_000,
    });
    const writing = Promise.all([
      ...[1, 2, 3, 4].map(() => makeTokens(daemon, acknowledged)),
      relay(daemon),
    ]);
    await pause(150 + 37 * (round % 7));
    await daemon.kill();
    await writing;
  }
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
});
