// Three daemons in three regions on this machine: who dies is not offered any more, who is back is again.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, suiteContext } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';
import { drainUnderCall } from './redirection.mjs';
import { TurnClient } from './turn_client.mjs';

const REGIONS = ['north', 'south', 'west'];
/** Within which a dead region has to be gone. */
const DETECTED_MS = 5_000;

describe('three nodes that gossip', () => {
  const suite = suiteContext();
  let nodes;
  const start = (node) => startNode(suite, node);
  /** {slug: operational} as a node sees it. */
  const seenBy = async (node) => {
    const { status, body } = await node.daemon.ask('GET', '/api/v1/regions');
    assert.equal(status, 200);
    return Object.fromEntries(body.map(({ slug, is_operational }) => [slug, is_operational]));
  };
  /** Waits until the nodes see it so. */
  const until = async (observers, expected, within = DETECTED_MS) => {
    const deadline = Date.now() + within;
    for (;;) {
      const views = await Promise.all(observers.map(seenBy));
      const agree = views.every((view) => REGIONS.every((slug) => view[slug] === expected[slug]));
      if (agree) return;
      assert.ok(Date.now() < deadline, `not within ${within} ms: ${JSON.stringify(views)}`);
      await sleep(100);
    }
  };
  const everywhere = { north: true, south: true, west: true };

  before(async () => {
    nodes = await initialiseFleet(suite, REGIONS);
    await Promise.all(nodes.map(start));
  });

  test('find each other', () => until(nodes, everywhere));

  test('issue credentials for each other, with the ports that the other really has', async (context) => {
    const [north, south] = nodes;
    const credential = await north.daemon.credential({ fixed_region: 'south' });
    assert.equal(credential.region, 'south');
    const { port } = south.daemon.server('udp');
    assert.ok(credential.urls.includes(`turn:127.0.0.1:${port}?transport=udp`), credential.urls.join());
    const client = await TurnClient.connect(south.daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    await client.allocate();
  });

  test('know how far apart any two are, and how each stands', async () => {
    const [north] = nodes;
    const linksOf = async () => (await north.daemon.ask('GET', '/api/v1/regions/links')).body;
    const deadline = Date.now() + 10_000;
    while ((await linksOf()).links.length < 3 && Date.now() < deadline) await sleep(100);
    const { region, stale, regions, links } = await linksOf();
    assert.deepEqual({ region, stale }, { region: 'north', stale: false });
    assert.deepEqual(
      regions.map(({ slug, state, nodes, nodes_online }) => [slug, state, nodes, nodes_online]),
      REGIONS.map((slug) => [slug, 'operational', 1, 1]),
    );
    assert.deepEqual(
      links.map(({ from, to }) => `${from} ${to}`).sort(),
      ['north south', 'north west', 'south west'],
    );
    for (const { round_trip_ms } of links) assert.ok(round_trip_ms < 100, `${round_trip_ms} ms`);
  });

  /** A session of a credential that another node has issued: {client, credential}. */
  const callAt = async (context, issuer, relay) => {
    const credential = await issuer.daemon.credential({
      fixed_region: relay.region,
      ttl: 600,
      room: 'r',
      initiator_client: 'ann',
    });
    const client = await TurnClient.connect(relay.daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    await client.allocate();
    return { client, credential };
  };
  const revoke = async (at, target) => {
    const { status, body } = await at.daemon.ask('DELETE', `/api/v1/credentials${target}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.regions;
  };

  const targets = {
    id: ({ credential_id }) => `/${credential_id}`,
    room: () => '?room=r',
    client: () => '?client=ann',
    token: (_, { token }) => `?token=${token.slice(4, 36)}`,
  };
  for (const [key, targetOf] of Object.entries(targets)) {
    test(`end a call on one that another one has revoked by ${key}`, async (context) => {
      const [north, south] = nodes;
      const { client, credential } = await callAt(context, north, south);
      const regions = await revoke(north, targetOf(credential, north.home));
      assert.deepEqual(regions, { confirmed: REGIONS, pending: [] });
      await sleep(200);
      assert.equal((await client.refresh(600)).errorCode, 437);
      assert.equal((await client.allocate()).errorCode, 401);
    });
  }

  test('hold a credential to a limit everywhere', async (context) => {
    const [north, south] = nodes;
    const { credential } = await callAt(context, north, south);
    const { status, body } = await north.daemon.ask(
      'PATCH',
      `/api/v1/credentials/${credential.credential_id}`,
      { limits: { max_allocations: 1 } },
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.regions, { confirmed: REGIONS, pending: [] });
    const second = await TurnClient.connect(south.daemon.server('udp'), credential);
    onEnd(context, () => second.close());
    assert.equal((await second.allocate()).errorCode, 486);
  });

  test('hear of what was revoked while they were away', async (context) => {
    const [north, south, west] = nodes;
    const { credential } = await callAt(context, north, south);
    await south.daemon.kill();
    await until([north, west], { ...everywhere, south: false });
    const regions = await revoke(north, `/${credential.credential_id}`);
    assert.deepEqual(regions, { confirmed: ['north', 'west'], pending: ['south'] });
    await start(south);
    await until(nodes, everywhere);
    await sleep(1_000);
    const late = await TurnClient.connect(south.daemon.server('udp'), credential);
    onEnd(context, () => late.close());
    assert.equal((await late.allocate()).errorCode, 401);
  });

  test('send newcomers on to one that lives while they drain, and keep their calls', async (context) => {
    const [north, south] = nodes;
    const { drained, undrain, alternate } = await drainUnderCall(context, north.daemon, {
      place: '127.0.0.1',
    });
    await drained(async () => {
      await until([south], { ...everywhere, north: false });
      assert.ok(nodes.slice(1).some(({ daemon }) => daemon.server('udp').port === alternate.port));
      const elsewhere = await south.daemon.credential({ preferred_region: 'north' });
      assert.notEqual(elsewhere.region, 'north');
    });
    await undrain();
    await until(nodes, everywhere);
  });

  test('drop one that is killed, tell of it once, and take it back', async () => {
    const [north, south, west] = nodes;
    const hook = await north.daemon.post('/api/v1/webhooks', {
      url: 'http://127.0.0.1:9/',
      events: ['region.down', 'region.up'],
    });
    assert.equal(hook.status, 201, JSON.stringify(hook.body));
    const told = async () => {
      const { body } = await north.daemon.ask('GET', `/api/v1/webhooks/${hook.body.id}/deliveries`);
      return body.items.map(({ event }) => event);
    };
    await south.daemon.kill();
    await until([north, west], { ...everywhere, south: false });

    const fixed = await north.daemon.post('/api/v1/credentials/ice', { fixed_region: 'south' });
    assert.equal(fixed.status, 503);
    assert.ok(fixed.headers.get('retry-after'));
    assert.equal(fixed.body.error.code, 'region_unavailable');
    const preferred = await north.daemon.credential({ preferred_region: 'south' });
    assert.equal(preferred.region, 'north');

    // Who is only suspected is offered no more, but not yet down.
    await north.daemon.until(async () => (await told()).length >= 1 || undefined);
    await start(south);
    await until(nodes, everywhere);
    await north.daemon.until(async () => (await told()).length >= 2 || undefined);
    assert.deepEqual(await told(), ['region.up', 'region.down']);
  });

  test('drop one that does not answer, and come together again', async () => {
    const [north, south, west] = nodes;
    west.daemon.suspend();
    await until([north, south], { ...everywhere, west: false });
    west.daemon.resume();
    await until(nodes, everywhere);
  });

  test('hear at once of one that stops', async () => {
    const [north, south, west] = nodes;
    await west.daemon.stop();
    await until([north, south], { ...everywhere, west: false }, 1_000);
  });
});
