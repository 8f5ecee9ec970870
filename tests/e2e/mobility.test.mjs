// RFC 8016 through the real daemon: a client of our own that changes port and transport in the middle of a
// stream, what its session's record says afterwards, and another implementation's client.
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { UNSAFE_LOOPBACK_PEERS, onEnd, runCommand, startDaemon, suiteContext } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';
import { EVERYTHING, runClient, startPeer } from './turnutils.mjs';

const SETTINGS = { ...UNSAFE_LOOPBACK_PEERS, 'relay.mobility.enabled': true, 'relay.workers': 4 };
const CHANNEL = 0x4000;

const connect = async (context, daemon) => {
  const client = await TurnClient.connect(daemon.server('udp'), await daemon.credential());
  onEnd(context, () => client.close());
  return client;
};

/** Two clients of the relay with a channel to each other; the first one can move. */
const startCall = async (context, daemon) => {
  const [mover, other] = [await connect(context, daemon), await connect(context, daemon)];
  const { relayed, ticket } = await mover.allocateMobile();
  const { relayed: atOther } = await other.allocate();
  assert.equal((await mover.channelBind(CHANNEL, atOther)).errorCode, undefined);
  assert.equal((await other.channelBind(CHANNEL, relayed)).errorCode, undefined);
  return { mover, other, ticket };
};

/** Each numbered message arrives at the other side, and in its order. */
const talk = async (from, to, numbers) => {
  for (const number of numbers) from.sendOnChannel(CHANNEL, `message ${number}`);
  for (const number of numbers) assert.equal((await to.receive()).data.toString(), `message ${number}`);
};
const TEN = [...Array(10).keys()];

describe('RFC 8016 3.2: a client that moves', { concurrency: 4 }, () => {
  let daemon, peerPort;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, SETTINGS);
    peerPort = await startPeer(suite);
  });

  test('a stream goes on from port to port and over every transport', async (context) => {
    let { mover, other, ticket } = await startCall(context, daemon);
    await talk(mover, other, TEN);
    for (const transport of ['udp', 'udp', 'tcp', 'tls', 'udp', 'tls', 'tcp', 'udp', 'udp', 'udp']) {
      const closeFormer = await mover.moveTo(daemon.server(transport));
      const resumed = await mover.resume(ticket);
      assert.equal(resumed.errorCode, undefined);
      ({ ticket } = resumed);
      await talk(mover, other, TEN);
      closeFormer();
      await talk(other, mover, TEN);
    }
  });

  test('until the client speaks at its new place it is spoken to at the former one', async (context) => {
    const { mover, other, ticket } = await startCall(context, daemon);
    const closeFormer = await mover.moveTo(daemon.server('udp'));
    assert.equal((await mover.resume(ticket)).errorCode, undefined);
    await talk(other, mover, TEN);
    await talk(mover, other, TEN);
    closeFormer();
    await talk(other, mover, TEN);
  });

  test("a ticket that was used, and another user's, do not do", async (context) => {
    const { mover, other, ticket } = await startCall(context, daemon);
    onEnd(context, await mover.moveTo(daemon.server('udp')));
    const { ticket: next } = await mover.resume(ticket);
    onEnd(context, await mover.moveTo(daemon.server('udp')));
    assert.equal((await mover.resume(ticket)).errorCode, 400);
    onEnd(context, await other.moveTo(daemon.server('udp')));
    assert.equal((await other.resume(next)).errorCode, 441);
  });

  for (const [transport, flags] of Object.entries({ udp: [], tcp: ['-t'] })) {
    for (const [method, methodFlags] of Object.entries({ channels: [], 'Send indications': ['-s'] })) {
      test(`turnutils_uclient -M loses nothing over ${transport} with ${method}`, async () => {
        const makeOptions = async () => {
          const { username, credential } = await daemon.credential();
          const user = ['-u', username, '-w', credential];
          return ['-M', ...flags, ...methodFlags, ...user, '-e', '127.0.0.1', '-r', peerPort];
        };
        assert.deepEqual(await runClient(daemon.server(transport), makeOptions), EVERYTHING);
      });
    }
  }
});

test('RFC 8016 3.2.2: one session, from its first port to its last', async (context) => {
  const daemon = await startDaemon(context, SETTINGS);
  const { mover, other, ticket } = await startCall(context, daemon);
  await talk(mover, other, TEN);
  onEnd(context, await mover.moveTo(daemon.server('tcp')));
  assert.equal((await mover.resume(ticket)).errorCode, undefined);
  await talk(mover, other, TEN);
  const { address, port } = mover.localEndpoint();
  assert.equal((await daemon.stop()).code, 0);

  const database = path.join(daemon.directory, 'turnixd.db');
  const sql = "SELECT client, transport, end_reason, uplink_packets FROM sessions WHERE transport = 'tcp'";
  const { stdout } = await runCommand('sqlite3', ['-json', '-readonly', database, sql]);
  assert.deepEqual(JSON.parse(stdout), [
    { client: `${address}:${port}`, transport: 'tcp', end_reason: 'shutdown', uplink_packets: 20 },
  ]);
});
