// RFC 6062 through the real daemon: connections that the client opens and those that peers open, megabytes
// each way at once, what the session's record says of them, and another implementation's client.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { UNSAFE_LOOPBACK_PEERS, onEnd, runCommand, startDaemon, suiteContext } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const TRANSFER_BYTES = 6 * 1024 * 1024;
const SETTINGS = {
  ...UNSAFE_LOOPBACK_PEERS,
  'relay.tcp_relay.enabled': true,
  'relay.follow_listener_family': true,
  'relay.workers': 2,
};

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Sends it all and ends, while it reads to the end: the hash of what was read. */
const exchange = async (socket, bytes) => {
  const hash = createHash('sha256');
  socket.on('data', (chunk) => hash.update(chunk)).resume();
  socket.end(bytes);
  await once(socket, 'end');
  return hash.digest('hex');
};

/** Both sides send at once; each must read what the other sent, to its end. */
const exchangeBoth = async (client, peer) => {
  const [up, down] = [randomBytes(TRANSFER_BYTES), randomBytes(TRANSFER_BYTES)];
  const [atClient, atPeer] = await Promise.all([exchange(client, up), exchange(peer, down)]);
  assert.equal(atPeer, hashOf(up));
  assert.equal(atClient, hashOf(down));
};

const listen = async (context, address) => {
  const server = net.createServer({ allowHalfOpen: true });
  onEnd(context, () => server.close());
  await new Promise((resolve) => server.listen(0, address, resolve));
  return server;
};

/** A client with an allocation for TCP. */
const allocateTcp = async (context, daemon, { transport, address }, credential) => {
  const client = await TurnClient.connect(daemon.server(transport, address), credential);
  onEnd(context, () => client.close());
  const { relayed, errorCode } = await client.allocateTcp();
  assert.equal(errorCode, undefined);
  return { client, relayed };
};

/** The client's new connection, bound to a peer's. */
const bindConnection = async (context, daemon, { transport, address }, { credential, connectionId }) => {
  const data = await TurnClient.connect(daemon.server(transport, address), credential);
  onEnd(context, () => data.close());
  assert.equal((await data.connectionBind(connectionId)).errorCode, undefined);
  return data.socket;
};

/** A connection that the client opens to the server: both its ends, bound. */
const connectThrough = async (context, daemon, where, { client, credential, server }) => {
  const arriving = once(server, 'connection');
  const { connectionId } = await client.connectTo({
    address: where.address,
    port: server.address().port,
  });
  const [peer] = await arriving;
  const data = await bindConnection(context, daemon, where, { credential, connectionId });
  return { data, peer };
};

describe('TCP relaying', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, SETTINGS);
  });

  for (const transport of ['tcp', 'tls']) {
    for (const address of ['127.0.0.1', '::1']) {
      const where = { transport, address };
      test(`CONNECT, ${transport}, ${address}: megabytes each way`, async (context) => {
        const credential = await daemon.credential();
        const { client, relayed } = await allocateTcp(context, daemon, where, credential);
        const server = await listen(context, address);
        const ends = { client, credential, server };
        const { data, peer } = await connectThrough(context, daemon, where, ends);
        assert.deepEqual({ address: peer.remoteAddress, port: peer.remotePort }, relayed);
        await exchangeBoth(data, peer);
      });

      test(`CONNECTION-ATTEMPT, ${transport}, ${address}: megabytes each way`, async (context) => {
        const credential = await daemon.credential();
        const { client, relayed } = await allocateTcp(context, daemon, where, credential);
        await client.createPermission({ address, port: 1 });
        const peer = net.connect({ host: relayed.address, port: relayed.port, allowHalfOpen: true });
        onEnd(context, () => peer.destroy());
        await once(peer, 'connect');
        const early = Buffer.from('sent before anything is bound');
        peer.write(early);
        const attempt = await client.receive();
        assert.deepEqual(attempt.peer, { address: peer.localAddress, port: peer.localPort });
        const { connectionId } = attempt;
        const data = await bindConnection(context, daemon, where, { credential, connectionId });
        const [first] = await once(data.resume(), 'data');
        assert.deepEqual(first, early);
        await exchangeBoth(data, peer);
      });
    }
  }

  test('a peer without permission is closed, and the client hears nothing', async (context) => {
    const where = { transport: 'tcp', address: '127.0.0.1' };
    const { relayed } = await allocateTcp(context, daemon, where, await daemon.credential());
    const peer = net.connect({ host: relayed.address, port: relayed.port });
    peer.on('error', () => {});
    await once(peer, 'close');
  });

  test('the end of the allocation closes its connections', async (context) => {
    const where = { transport: 'tcp', address: '127.0.0.1' };
    const credential = await daemon.credential();
    const { client } = await allocateTcp(context, daemon, where, credential);
    const server = await listen(context, where.address);
    const ends = { client, credential, server };
    const { data, peer } = await connectThrough(context, daemon, where, ends);
    data.resume();
    peer.resume();
    await client.refresh(0);
    await Promise.all([once(data, 'end'), once(peer, 'end')]);
  });

  // Not its -P (peers connect): that loses exactly half, against Debian's turnserver as well.
  for (const [transport, flags] of Object.entries({ tcp: [], tls: ['-S'] })) {
    test(`turnutils_uclient -T, ${transport}: loses nothing`, async () => {
      const { username, credential } = await daemon.credential();
      const { address, port } = daemon.server(transport);
      const load = ['-m', 2, '-n', 30, '-l', 160, '-z', 20];
      const user = ['-u', username, '-w', credential];
      const args = ['-T', ...flags, ...load, ...user, '-p', port, address];
      const { code, stdout } = await runCommand('turnutils_uclient', args);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /Total lost packets 0 \(0\.0+%\), total send dropped 0 /);
    });
  }
});

test('TCP relaying is refused until it is enabled', async (context) => {
  const daemon = await startDaemon(context);
  const client = await TurnClient.connect(daemon.server('tcp'), await daemon.credential());
  onEnd(context, () => client.close());
  assert.equal((await client.allocateTcp()).errorCode, 442);
});

test('the record of a session has every byte of its connections', async (context) => {
  const daemon = await startDaemon(context, SETTINGS);
  const where = { transport: 'tcp', address: '127.0.0.1' };
  const credential = await daemon.credential();
  const { client } = await allocateTcp(context, daemon, where, credential);
  const server = await listen(context, where.address);
  for (let count = 0; count < 4; ++count) {
    const ends = { client, credential, server };
    const { data, peer } = await connectThrough(context, daemon, where, ends);
    const [atClient, atPeer] = await Promise.all([
      exchange(data, Buffer.alloc(100_000, 'u')),
      exchange(peer, Buffer.alloc(300_000, 'd')),
    ]);
    assert.equal(atClient, hashOf(Buffer.alloc(300_000, 'd')));
    assert.equal(atPeer, hashOf(Buffer.alloc(100_000, 'u')));
    if (!peer.closed) await once(peer, 'close');
  }
  assert.equal((await daemon.stop()).code, 0);
  const database = path.join(daemon.directory, 'turnixd.db');
  const sql = 'SELECT uplink_bytes, downlink_bytes FROM sessions';
  const { stdout } = await runCommand('sqlite3', ['-json', '-readonly', database, sql]);
  assert.deepEqual(JSON.parse(stdout), [{ uplink_bytes: 400_000, downlink_bytes: 1_200_000 }]);
});
