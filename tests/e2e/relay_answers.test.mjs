// What the relay answers, and to whom it relays: every refusal has its error code.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, startDaemon, suiteContext } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

// docs/security.md: how far the clocks of two nodes may be apart.
const CLOCK_TOLERANCE_S = 30;

describe('the relay', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  const connect = async (context, credential) => {
    const client = await TurnClient.connect(daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    return client;
  };

  for (const transport of ['udp', 'tcp', 'tls']) {
    for (const address of ['127.0.0.1', '::1']) {
      test(`RFC 8489 12: a Binding over ${transport} to ${address} is told its source`, async (context) => {
        const client = await TurnClient.connect(daemon.server(transport, address));
        onEnd(context, () => client.close());
        assert.deepEqual((await client.binding()).mapped, client.localEndpoint());
      });
    }
  }

  test('RFC 8489 9.2.4: a wrong password is 401', async (context) => {
    const credential = { ...(await daemon.credential()), credential: 'wrong' };
    assert.equal((await (await connect(context, credential)).allocate()).errorCode, 401);
  });

  test('RFC 8489 9.2.4: a tampered username is 401, wherever it was changed', async (context) => {
    const credential = await daemon.credential();
    for (const at of [
      0,
      1,
      4,
      Math.floor(credential.username.length / 2),
      credential.username.length - 1,
    ]) {
      const other = credential.username[at] === 'A' ? 'B' : 'A';
      const username = credential.username.slice(0, at) + other + credential.username.slice(at + 1);
      assert.equal(
        (await (await connect(context, { ...credential, username })).allocate()).errorCode,
        401,
      );
    }
  });

  test('answers an expired credential with 401, and keeps the session started in time', async (context) => {
    const credential = await daemon.credential({ ttl: 1 });
    const inTime = await connect(context, credential);
    assert.equal((await inTime.allocate()).errorCode, undefined);
    // Dates are whole seconds on both sides: expiry is rounded up, the present down.
    await sleep((1 + CLOCK_TOLERANCE_S + 2.5) * 1000);
    assert.equal((await (await connect(context, credential)).allocate()).errorCode, 401);
    const refreshed = await inTime.refresh(600);
    assert.equal(refreshed.errorCode, undefined);
    assert.equal(refreshed.lifetimeSeconds, 600);
  });

  test('RFC 8656 10.2 and 12.2: a private or own peer is 403', async (context) => {
    const client = await connect(context, await daemon.credential());
    assert.equal((await client.allocate()).errorCode, undefined);
    const port = daemon.server('udp').port;
    const peers = [
      ['127.0.0.1', port],
      ['127.0.0.1', 9],
      ['10.0.0.1', 9],
      ['192.168.1.1', 9],
      ['169.254.169.254', 80],
      ['0.0.0.0', 9],
      ['100.64.0.1', 9],
      ['224.0.0.1', 9],
    ];
    for (const [address, peerPort] of peers) {
      const peer = { address, port: peerPort };
      if (address !== '127.0.0.1')
        assert.equal((await client.createPermission(peer)).errorCode, 403, address);
      assert.equal((await client.channelBind(0x4000, peer)).errorCode, 403, address);
    }
    assert.equal((await client.createPermission({ address: '8.8.8.8', port: 9 })).errorCode, undefined);
  });

  test('relays between two of its own allocations although their addresses are loopback', async (context) => {
    const credential = await daemon.credential();
    const [alice, bob] = [await connect(context, credential), await connect(context, credential)];
    const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
    assert.equal((await alice.createPermission(atBob)).errorCode, undefined);
    assert.equal((await bob.channelBind(0x4001, atAlice)).errorCode, undefined);
    alice.send(atBob, 'from alice');
    assert.deepEqual(await bob.receive(), { channel: 0x4001, data: Buffer.from('from alice') });
    bob.sendOnChannel(0x4001, 'from bob');
    assert.deepEqual(await alice.receive(), { peer: atBob, data: Buffer.from('from bob') });
  });

  for (const transport of ['tcp', 'tls']) {
    test(`RFC 8656 12.5: bursts arrive whole and in order over ${transport}`, async (context) => {
      const credential = await daemon.credential();
      const listener = await TurnClient.connect(daemon.server(transport), credential);
      onEnd(context, () => listener.close());
      const talker = await connect(context, credential);
      const [{ relayed: atListener }, { relayed: atTalker }] = [
        await listener.allocate(),
        await talker.allocate(),
      ];
      assert.equal((await listener.createPermission(atTalker)).errorCode, undefined);
      assert.equal((await talker.channelBind(0x4001, atListener)).errorCode, undefined);
      for (let number = 0; number < 300; ++number) {
        talker.sendOnChannel(0x4001, `message ${number}`);
        if (number % 10 === 9) {
          for (let expected = number - 9; expected <= number; ++expected) {
            assert.equal((await listener.receive()).data.toString(), `message ${expected}`);
          }
        }
      }
    });
  }
});
