// Every address that no client may reach, in every spelling, by every method and over every transport, before
// and after reloads: nothing is permitted, and nothing leaves for it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { edit, reload } from '../e2e/configuration.mjs';
import { initialise, onEnd, runDaemon, suiteContext } from '../e2e/daemon.mjs';
import { isInNamespace } from '../e2e/link_emulator.mjs';
import { ATTRIBUTE, addressBytes } from '../e2e/stun_message.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { DENIED, NEVER_ALLOWED, PUBLIC, SPELLINGS, endsOf, spellingsOf } from './peer_spellings.mjs';
import { Wire, destinationOf } from './wire.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const TRANSPORTS = IS_FULL ? ['udp', 'tcp', 'tls'] : ['udp', 'tcp'];
const NODE = { ipv4: '10.79.0.1', ipv6: '2001:db8:79::1' };
const PORT = 3478;
const PEER_PORT = 9999;
const FORBIDDEN = 403;
const CHANNEL_FIRST = 0x4000;
const CHANNELS = 0x1000;
const AT_ONCE = 64;
const LEAVES_MS = 100;
const FAMILIES = { ipv4: 1, ipv6: 2 };

const rangeEnds = (table, family) =>
  table[family].flatMap((range) => {
    const ends = endsOf(range, family);
    return IS_FULL ? ends : ends.slice(0, 1);
  });
const tables = { NEVER_ALLOWED, DENIED };
const rangesOf = (family) => Object.values(tables).reduce((sum, each) => sum + each[family].length, 0);
const ipv4Of = (names) => names.flatMap((name) => rangeEnds(tables[name], 'ipv4'));
const ipv6Of = (names) => names.flatMap((name) => rangeEnds(tables[name], 'ipv6'));

/** By family, what is denied when these tables count. A spelling is denied whatever it spells. */
const deniedBy = (...names) => ({
  ipv4: ipv4Of(names),
  ipv6: [...ipv6Of(names), ...[...ipv4Of(Object.keys(tables)), PUBLIC.ipv4].flatMap(spellingsOf)],
});

const inBatches = async (items, does) => {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(does));
};

/** How a client tries to reach an address; `answer` of a request, undefined for an indication. */
const METHODS = {
  CreatePermission: (client, peer) => client.createPermission(peer),
  ChannelBind: (client, peer, index) => client.channelBind(CHANNEL_FIRST + (index % CHANNELS), peer),
  Send: (client, peer) => client.send(peer, 'out of bounds'),
};
const TCP_METHODS = { Connect: (client, peer) => client.connectTo(peer) };

const peers = () => {
  let home, daemon, wire;
  const clients = [];
  const suite = suiteContext();

  const open = async (transport, family, methods) => {
    const server = { transport, address: NODE.ipv4, port: PORT + (transport === 'tls' ? 1 : 0) };
    const client = await TurnClient.connect(server, await daemon.credential());
    onEnd(suite, () => client.close());
    const wanted = [[ATTRIBUTE.requestedAddressFamily, Buffer.from([FAMILIES[family], 0, 0, 0])]];
    const allocate = methods === TCP_METHODS ? client.allocateTcp(wanted) : client.allocate(wanted);
    assert.equal((await allocate).errorCode, undefined, `${transport} ${family}`);
    clients.push({ client, transport, family, methods });
  };

  before(async () => {
    wire = await Wire.start(suite, Object.values(NODE));
    home = await initialise(suite);
    daemon = await runDaemon(suite, home, {
      'relay.listeners': ['udp', 'tcp', 'tls'].map((transport) => ({
        transport,
        address: `${NODE.ipv4}:${PORT + (transport === 'tls' ? 1 : 0)}`,
      })),
      'relay.addresses': Object.values(NODE).map((address) => ({ local: address })),
      'relay.tcp_relay.enabled': true,
      'relay.limits.new_peers_per_minute_max': 65535,
    });
    for (const family of Object.keys(FAMILIES)) {
      for (const transport of TRANSPORTS) await open(transport, family, METHODS);
      for (const transport of TRANSPORTS.filter((each) => each !== 'udp'))
        await open(transport, family, TCP_METHODS);
    }
  });

  /** Every client tries them all, in every way: how many tries. */
  const tryAll = async (denied) => {
    await wire.leaving();
    let tries = 0;
    for (const { client, transport, family, methods } of clients) {
      for (const [name, method] of Object.entries(methods)) {
        await inBatches([...denied[family].entries()], async ([index, address]) => {
          tries += 1;
          const answer = await method(client, { address, port: PEER_PORT }, index);
          const what = `${name} to ${address} over ${transport}`;
          if (name !== 'Send') assert.equal(answer.errorCode, FORBIDDEN, what);
        });
      }
    }
    // A request that is answered comes after all that was sent before it; what it caused leaves soon.
    for (const { client } of clients) await client.refresh(600);
    await sleep(LEAVES_MS);
    const reached = (await wire.leaving()).map((packet) => destinationOf(packet).toString('hex'));
    assert.deepEqual(reached, []);
    return tries;
  };

  /** Whether what a client sends to a public address leaves. */
  const reachesPublic = async () => {
    const results = [];
    for (const { client, family, methods } of clients.filter((each) => each.methods === METHODS)) {
      const peer = { address: PUBLIC[family], port: PEER_PORT };
      await wire.leaving();
      const { errorCode } = await methods.CreatePermission(client, peer);
      methods.Send(client, peer);
      await client.refresh(600);
      await sleep(LEAVES_MS);
      const left = (await wire.leaving()).map((packet) => destinationOf(packet).toString('hex'));
      results.push(errorCode === undefined && left.includes(addressBytes(PUBLIC[family]).toString('hex')));
      if (errorCode !== undefined) assert.equal(errorCode, FORBIDDEN);
    }
    assert.equal(new Set(results).size, 1, String(results));
    return results[0];
  };

  test('no spelling of a denied address reaches it', async (context) => {
    const everything = deniedBy('NEVER_ALLOWED', 'DENIED');
    let tries = await tryAll(everything);
    assert.ok(await reachesPublic(), 'nothing reaches anybody');

    await edit(home, '# deny: []', `deny: [8.8.8.0/24, '2606:4700::/32']`);
    assert.equal((await reload(home)).code, 0);
    tries += await tryAll({
      ipv4: [...everything.ipv4, PUBLIC.ipv4],
      ipv6: [...everything.ipv6, PUBLIC.ipv6],
    });
    assert.ok(!(await reachesPublic()), 'what was permitted goes on');

    await edit(home, '# allow: []', `allow: [0.0.0.0/0, '::/0']`);
    assert.equal((await reload(home)).code, 0);
    tries += await tryAll(deniedBy('NEVER_ALLOWED'));
    assert.ok(await reachesPublic(), 'allow does not go before deny');

    const addresses = everything.ipv4.length + everything.ipv6.length;
    context.diagnostic(
      `figure: hostile-peers: ${tries} tries at ${addresses} addresses (of ${rangesOf('ipv4')} IPv4 and ` +
        `${rangesOf('ipv6')} IPv6 ranges, the IPv4 ones in ${Object.keys(SPELLINGS).length} IPv6 ` +
        `spellings) by CreatePermission, ChannelBind, Send and Connect over ${TRANSPORTS.join(', ')}, ` +
        `before and after two reloads: none permitted, no packet left`,
    );
  });

  test('nothing but open relay ports is reached on the node itself', async () => {
    const ports = [PORT, PORT + 1, Number(new URL(daemon.api).port), Number(new URL(daemon.status).port)];
    for (const { client, family, methods } of clients) {
      const method = methods.ChannelBind ?? methods.Connect;
      for (const address of [NODE[family], family === 'ipv4' ? '127.0.0.1' : '::1'])
        for (const port of ports)
          assert.equal(
            (await method(client, { address, port }, 0)).errorCode,
            FORBIDDEN,
            `${address} ${port}`,
          );
    }
  });
};

if (isInNamespace(import.meta.url)) describe('hostile: peers', peers);
