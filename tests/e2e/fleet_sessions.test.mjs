// What is asked of one of three daemons is answered for all of them: sessions, rooms, clients, usage,
// credentials, figures, the audit log.
import assert from 'node:assert/strict';
import { copyFile, readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { onEnd, runCommand, suiteContext, temporaryDirectory } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';
import { TurnClient } from './turn_client.mjs';

const REGIONS = ['north', 'south', 'west'];
/** Within which an answer comes, whoever is away: a second, and what a busy machine adds. */
const ANSWERED_MS = 3_000;

describe('three nodes that answer for each other', () => {
  const suite = suiteContext();
  let nodes;

  const ask = async (node, method, target) => {
    const begin = Date.now();
    const { status, body } = await node.daemon.ask(method, `/api/v1/${target}`);
    assert.ok(Date.now() - begin < ANSWERED_MS, `${target} took ${Date.now() - begin} ms`);
    return { status, body };
  };
  const get = async (node, target) => {
    const { status, body } = await ask(node, 'GET', target);
    assert.equal(status, 200, `${target}: ${JSON.stringify(body)}`);
    return body;
  };
  /** Asks until the answer is as wanted. */
  const until = async (node, target, isWanted) => {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const { status, body } = await ask(node, 'GET', target);
      if (isWanted(body, status)) return body;
      assert.ok(Date.now() < deadline, `${target}: ${status} ${JSON.stringify(body)}`);
      await sleep(100);
    }
  };
  const isWhole = (body, status) => status === 200 && body.partial.length === 0;

  /** A call of its own room on each node: {region: client}. */
  const callEverywhere = async (context, room) => {
    const clients = {};
    for (const node of nodes) {
      const credential = await node.daemon.credential({
        fixed_region: node.region,
        ttl: 600,
        room,
        initiator_client: `${node.region}-ann`,
      });
      const client = await TurnClient.connect(node.daemon.server('udp'), credential);
      onEnd(context, () => client.close());
      await client.allocate();
      clients[node.region] = client;
    }
    return clients;
  };

  before(async () => {
    nodes = await initialiseFleet(suite, REGIONS);
    const [first, ...others] = nodes;
    for (const { home } of others) {
      await copyFile(
        path.join(first.home.directory, 'turnixd.db'),
        path.join(home.directory, 'turnixd.db'),
      );
      home.token = first.home.token;
    }
    await Promise.all(nodes.map((node) => startNode(suite, node)));
    for (const node of nodes) await until(node, 'sessions', isWhole);
  });

  test('list each other’s calls, each with its region and node', async (context) => {
    await callEverywhere(context, 'listed');
    for (const node of nodes) {
      const page = await until(node, 'sessions?state=live&room=listed', ({ items }) => items.length === 3);
      assert.deepEqual(page.items.map(({ region }) => region).sort(), REGIONS);
      assert.ok(page.items.every((each) => each.node === '127.0.0.1' && each.state === 'live'));
      const first = await get(node, 'sessions?state=live&room=listed&limit=2');
      const second = await get(
        node,
        `sessions?state=live&room=listed&limit=2&cursor=${first.next_cursor}`,
      );
      assert.deepEqual([...first.items, ...second.items].map(({ id }) => id), page.items.map(({ id }) => id));
      assert.equal(second.next_cursor, null);
      const here = await get(node, 'sessions?state=live&room=listed&region=west');
      assert.deepEqual(here.items.map(({ region }) => region), ['west']);
      const { items } = await get(node, 'rooms');
      assert.equal(items.find(({ room }) => room === 'listed').live.sessions, 3);
      const room = await get(node, 'rooms/listed');
      assert.deepEqual(room.live.clients, REGIONS.map((region) => `${region}-ann`));
      assert.equal((await get(node, 'clients/south-ann')).live.sessions, 1);
    }
  });

  test('list each other’s credentials, and add up their figures', async (context) => {
    await callEverywhere(context, 'summed');
    const issued = {};
    for (const node of nodes) {
      const { credential_id } = await node.daemon.credential({ room: `by-${node.region}` });
      issued[node.region] = credential_id;
    }
    for (const node of nodes) {
      for (const region of REGIONS) {
        await until(node, `credentials?room=by-${region}`, ({ items }) => items.length === 1);
        assert.equal((await get(node, `credentials/${issued[region]}`)).room, `by-${region}`);
      }
      await until(node, 'stats', ({ nodes: count, partial, items }) =>
        count === REGIONS.length && partial.length === 0 && items.at(-1)?.live_sessions >= REGIONS.length,
      );
    }
  });

  test('end in one what another relays, and keep its history there', async (context) => {
    const clients = await callEverywhere(context, 'ended');
    const [north, south] = nodes;
    const target = 'sessions?state=live&room=ended&region=south';
    const { items } = await until(north, target, (page) => page.items.length === 1);
    const [{ id }] = items;
    assert.equal((await ask(north, 'DELETE', `sessions/${id}`)).status, 204);
    assert.equal((await clients.south.refresh(600)).errorCode, 437);
    const ended = await until(north, `sessions/${id}`, ({ state }) => state === 'ended');
    assert.deepEqual([ended.end_reason, ended.region], ['terminated', 'south']);
    assert.equal((await ask(north, 'DELETE', `sessions/${id}`)).status, 404);
    await get(north, `sessions/${id}/samples`);
    const usage = await get(north, 'usage?group_by=region');
    assert.ok(Array.isArray(usage.items));
    const lines = (await get(south, 'audit')).items.filter(({ target }) => target?.endsWith(id));
    assert.deepEqual(lines.map(({ status }) => status), [404, 204], 'a line each, of who was asked');
  });

  test('answer nobody but each other', async (context) => {
    const [{ gossip }] = nodes;
    const [host, port] = gossip.split(':');
    const directory = await temporaryDirectory(context);
    const file = (name) => path.join(directory, name);
    const request = 'GET /api/v1/sessions HTTP/1.1\r\nHost: node\r\n\r\n';
    const { code, stderr } = await runCommand('openssl', [
      ...'req -x509 -newkey ed25519 -nodes -days 2'.split(' '),
      ...['-subj', '/CN=turnixd node', '-keyout', file('key.pem'), '-out', file('certificate.pem')],
    ]);
    assert.equal(code, 0, stderr);
    const own = { key: await readFile(file('key.pem')), cert: await readFile(file('certificate.pem')) };
    const strangers = {
      'plain TCP': () => net.connect({ host, port }),
      'no key': () => tls.connect({ host, port, rejectUnauthorized: false }),
      'another key': () => tls.connect({ host, port, rejectUnauthorized: false, ...own }),
    };
    for (const [name, connect] of Object.entries(strangers)) {
      const socket = connect();
      let heard = '';
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
      });
      socket.on('error', () => {});
      socket.write(request);
      await new Promise((resolve) => socket.on('close', resolve));
      assert.ok(!heard.includes('HTTP'), `${name}: ${heard}`);
    }
  });

  test('name the region that is away, in time, and take it back', async (context) => {
    const [north, south] = nodes;
    await callEverywhere(context, 'away');
    await until(north, 'rooms/away', (body) => body.live?.sessions === 3);
    await south.daemon.kill();
    const page = await get(north, 'sessions?state=live&room=away');
    assert.deepEqual(page.partial, ['south']);
    assert.deepEqual(page.items.map(({ region }) => region).sort(), ['north', 'west']);
    assert.deepEqual((await get(north, 'usage')).partial, ['south']);
    const unknown = await ask(north, 'GET', `sessions/${'0'.repeat(32)}`);
    assert.deepEqual([unknown.status, unknown.body.error.code], [503, 'unavailable']);
    assert.deepEqual((await get(north, 'sessions?region=west')).partial, []);
    await startNode(suite, south);
    await until(north, 'sessions', isWhole);
    assert.equal((await ask(north, 'GET', `sessions/${'0'.repeat(32)}`)).status, 404);
  });

  test('do not wait for one that hangs', async () => {
    const [north, , west] = nodes;
    await until(north, 'sessions', isWhole);
    west.daemon.suspend();
    await until(north, 'clients', ({ partial }) => partial.length > 0); // it stops a little later
    for (let times = 0; times < 3; ++times) assert.deepEqual((await get(north, 'clients')).partial, ['west']);
    west.daemon.resume();
    await until(north, 'clients', isWhole);
  });
});
