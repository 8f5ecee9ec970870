// A daemon that starts and stops under load, again and again, leaves nothing behind.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, runDaemon } from '../e2e/daemon.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { MEGABYTE, processFigures, query } from './process.mjs';

const ROUNDS = process.env.TURNIX_PROVE_SCALE === 'full' ? 1_000 : 20;

/** Four ports that nobody has, below those that the kernel gives to whoever asks for any. */
const freePorts = async () => {
  const isFree = (port) =>
    new Promise((resolve) => {
      const server = net.createServer();
      server.on('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
  for (;;) {
    const first = 20_000 + 4 * Math.floor(2_500 * Math.random());
    const ports = [0, 1, 2, 3].map((each) => first + each);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
};

/** Calls itself over this transport until the daemon goes. */
const callUntilEnd = async (daemon, transport, done) => {
  let client;
  try {
    client = await TurnClient.connect(daemon.server(transport), await daemon.credential());
    const { relayed } = await client.allocate();
    await client.createPermission(relayed);
    for (;;) {
      client.send(relayed, 'to itself');
      await client.receive();
      ++done.datagrams;
    }
  } catch {
    client?.close();
  }
};

const issueUntilEnd = async (daemon, done) => {
  try {
    for (;;) {
      await daemon.credential();
      ++done.credentials;
      await sleep(5);
    }
  } catch {
    // it is gone
  }
};

test(`${ROUNDS} starts and stops under load leave nothing`, { timeout: 3_000_000 }, async (context) => {
  const home = await initialise(context);
  const [api, status, turn, turns] = await freePorts();
  // Who starts anew takes the very ports of who has just ended.
  const settings = {
    'api.address': `127.0.0.1:${api}`,
    'status.address': `127.0.0.1:${status}`,
    'relay.listeners': ['udp', 'tcp', 'tls'].map((transport) => ({
      transport,
      address: `127.0.0.1:${transport === 'tls' ? turns : turn}`,
    })),
  };
  const done = { datagrams: 0, credentials: 0, ended: 0, startMs: 0, stopMs: 0 };
  const calls = [];
  let first, last;
  let names;
  for (let round = 0; round < ROUNDS; ++round) {
    const starting = performance.now();
    const daemon = await runDaemon(context, home, settings);
    done.startMs = Math.max(done.startMs, performance.now() - starting);
    last = await processFigures(daemon);
    first ??= last;
    for (const transport of ['udp', 'tcp', 'tls']) calls.push(callUntilEnd(daemon, transport, done));
    const issuing = issueUntilEnd(daemon, done);
    await sleep(100 + 23 * (round % 7));
    const stopping = performance.now();
    const { code, lastEvent, stderr } = await daemon.stop();
    done.stopMs = Math.max(done.stopMs, performance.now() - stopping);
    assert.equal(code, 0, stderr);
    done.ended += lastEvent.sessions_ended;
    await issuing;
    const left = (await readdir(home.directory)).sort();
    names ??= left;
    assert.deepEqual(left, names);
  }
  await Promise.all(calls);
  assert.equal(last.descriptors, first.descriptors);
  assert.deepEqual(await query(home, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const [{ live }] = await query(home, 'SELECT count(*) AS live FROM sessions WHERE ended_at_ms IS NULL');
  assert.equal(live, 0);
  context.diagnostic(
    `figure: churn-starts: ${ROUNDS} rounds on the same ports, each ended under load (${done.ended} ` +
      `sessions, ${done.datagrams} datagrams, ${done.credentials} credentials): no crash, nothing left; ` +
      `start ${Math.round(done.startMs)} ms and stop ${Math.round(done.stopMs)} ms at most; ` +
      `${first.descriptors} descriptors at the first start and the last, RSS ` +
      `${(first.residentBytes / MEGABYTE).toFixed(1)} and ${(last.residentBytes / MEGABYTE).toFixed(1)} MB`,
  );
});
