// What is left of a call when the daemon has stopped: how many sessions it ended, and a row for each.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { onEnd, runCommand, startDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const query = async (daemon, sql) => {
  const database = path.join(daemon.directory, 'turnixd.db');
  const { code, stdout, stderr } = await runCommand('sqlite3', ['-json', '-readonly', database, sql]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout || '[]');
};

describe('SIGTERM', () => {
  test('ends live sessions, says how many, and leaves each with its counters and names', async (context) => {
    const daemon = await startDaemon(context);
    const credential = await daemon.credential({
      room: 'demo',
      initiator_client: 'alice',
      receiver_client: 'bob',
    });
    const clients = await Promise.all(
      [0, 1, 2].map(() => TurnClient.connect(daemon.server('udp'), credential)),
    );
    for (const client of clients) onEnd(context, () => client.close());
    const [alice, bob, done] = clients;
    const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
    await done.allocate();
    assert.equal((await done.refresh(0)).lifetimeSeconds, 0);
    await alice.createPermission(atBob);
    await bob.createPermission(atAlice);
    for (let count = 0; count < 3; ++count) {
      alice.send(atBob, 'x'.repeat(100));
      await bob.receive();
    }

    const { code, lastEvent } = await daemon.stop();
    assert.equal(code, 0);
    assert.deepEqual(lastEvent, { event: 'stopped', sessions_ended: 2 });

    const rows = await query(
      daemon,
      `SELECT room, initiator_client, receiver_client, end_reason, uplink_packets,
      uplink_bytes, downlink_packets, downlink_bytes FROM sessions ORDER BY uplink_packets, downlink_packets`,
    );
    const names = { room: 'demo', initiator_client: 'alice', receiver_client: 'bob' };
    const traffic = (uplink, downlink) => ({
      uplink_packets: uplink,
      uplink_bytes: uplink * 100,
      downlink_packets: downlink,
      downlink_bytes: downlink * 100,
    });
    assert.deepEqual(rows, [
      { ...names, end_reason: 'client_released', ...traffic(0, 0) },
      { ...names, end_reason: 'shutdown', ...traffic(0, 3) },
      { ...names, end_reason: 'shutdown', ...traffic(3, 0) },
    ]);
    const [{ projects }] = await query(
      daemon,
      'SELECT count(*) AS projects FROM sessions JOIN projects ON projects.id = sessions.project_id',
    );
    assert.equal(projects, 3);
  });
});
