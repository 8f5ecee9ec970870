// SIGTERM while calls go on: with a drain configured they run to their end, and nobody new is let in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onEnd, startDaemon, turnixd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const PACKETS = 200;

const client = async (context, daemon, credential) => {
  const connected = await TurnClient.connect(daemon.server('udp'), credential);
  onEnd(context, () => connected.close());
  return connected;
};

/** Two clients of one relay that may send to each other. */
const startCall = async (context, daemon, credential) => {
  const [alice, bob] = [
    await client(context, daemon, credential),
    await client(context, daemon, credential),
  ];
  const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
  await alice.createPermission(atBob);
  await bob.createPermission(atAlice);
  return {
    say: async (text) => {
      alice.send(atBob, text);
      await bob.receive();
    },
    hangUp: () => Promise.all([alice.refresh(0), bob.refresh(0)]),
  };
};

const readiness = async (daemon) => {
  const response = await fetch(`${daemon.status}/readyz`);
  return { status: response.status, ...(await response.json()) };
};

/** Waits for the daemon to say that it drains. */
const untilDraining = async (daemon) => {
  for (let tries = 0; tries < 100; ++tries) {
    const now = await readiness(daemon);
    if (!now.ready) return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail('it does not drain');
};

describe('SIGTERM with drain.timeout_s', () => {
  test('lets a call go on without a lost packet, takes nobody new, ends with the last', async (context) => {
    const daemon = await startDaemon(context, { 'drain.timeout_s': 60 });
    const credential = await daemon.credential();
    const call = await startCall(context, daemon, credential);
    const stranger = await client(context, daemon, credential);
    daemon.signal('SIGTERM');
    const since = Date.now();
    const { status, ready, reasons } = await untilDraining(daemon);
    assert.deepEqual({ status, ready, reasons }, { status: 503, ready: false, reasons: ['draining'] });
    const told = Date.now() - since;
    assert.equal((await stranger.allocate()).errorCode, 508);
    for (let packet = 0; packet < PACKETS; ++packet) await call.say(`packet ${packet}`);
    await call.hangUp();
    assert.deepEqual((await daemon.ended()).lastEvent, { event: 'stopped', sessions_ended: 0 });
    context.diagnostic(
      `figure: drain-load: not ready ${told} ms after SIGTERM, new Allocates get 508; 0 lost of ${PACKETS} ` +
        'datagrams of the call that went on, and ended when its clients did',
    );
  });

  test('ends what is left when the time is over', async (context) => {
    const daemon = await startDaemon(context, { 'drain.timeout_s': 1 });
    await startCall(context, daemon, await daemon.credential());
    daemon.signal('SIGTERM');
    const { code, lastEvent } = await daemon.ended();
    assert.equal(code, 0);
    assert.deepEqual(lastEvent, { event: 'stopped', sessions_ended: 2 });
  });

  test('ends when no more than drain.min_allocations are left', async (context) => {
    const daemon = await startDaemon(context, { 'drain.timeout_s': 60, 'drain.min_allocations': 2 });
    await startCall(context, daemon, await daemon.credential());
    daemon.signal('SIGTERM');
    assert.deepEqual((await daemon.ended()).lastEvent, { event: 'stopped', sessions_ended: 2 });
  });

  for (const second of ['SIGTERM', 'SIGINT'])
    test(`a ${second} while it drains ends it at once`, async (context) => {
      const daemon = await startDaemon(context, { 'drain.timeout_s': 3600 });
      await startCall(context, daemon, await daemon.credential());
      daemon.signal('SIGTERM');
      await untilDraining(daemon);
      daemon.signal(second);
      assert.deepEqual((await daemon.ended()).lastEvent, { event: 'stopped', sessions_ended: 2 });
    });
});

test('turnixd drain --stop is as SIGTERM, and says how many sessions go on', async (context) => {
  const daemon = await startDaemon(context, { 'drain.timeout_s': 60 });
  const credential = await daemon.credential();
  const call = await startCall(context, daemon, credential);
  const stranger = await client(context, daemon, credential);
  const { code, stdout } = await turnixd('drain', '--stop', '--config', daemon.config);
  assert.equal(code, 0);
  assert.equal(stdout, 'turnixd drains and stops; 2 sessions live\n');
  await untilDraining(daemon);
  assert.equal((await stranger.allocate()).errorCode, 508);
  await call.say('still here');
  await call.hangUp();
  assert.deepEqual((await daemon.ended()).lastEvent, { event: 'stopped', sessions_ended: 0 });
});

test('SIGINT does not drain', async (context) => {
  const daemon = await startDaemon(context, { 'drain.timeout_s': 3600 });
  await startCall(context, daemon, await daemon.credential());
  daemon.signal('SIGINT');
  assert.deepEqual((await daemon.ended()).lastEvent, { event: 'stopped', sessions_ended: 2 });
});
