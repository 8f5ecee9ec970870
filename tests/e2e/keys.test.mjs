// The fleet's key changes under three daemons and a call.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, onEnd, suiteContext } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';
import { keyStates, keys as keysOf } from './fleet_keys.mjs';
import { TurnClient } from './turn_client.mjs';

const REGIONS = ['north', 'south', 'west'];

const keys = ({ home }, ...rest) => keysOf(home, ...rest);
const states = ({ home }) => keyStates(home);

describe('the key of three nodes', () => {
  const suite = suiteContext();
  let nodes;

  const until = async (what, holds, within = 5_000) => {
    const deadline = Date.now() + within;
    while (!(await holds())) {
      assert.ok(Date.now() < deadline, `${what}: not within ${within} ms`);
      await sleep(50);
    }
  };
  const everywhere = (expected) => async () =>
    (await Promise.all(nodes.map(states))).every(
      (each) => JSON.stringify(each) === JSON.stringify(expected),
    );
  /** Do all nodes see all regions serve? */
  const isWhole = async () => {
    const views = await Promise.all(nodes.map((node) => node.daemon.ask('GET', '/api/v1/regions')));
    return views.every(({ body }) => body.every?.(({ is_operational }) => is_operational));
  };
  const allocates = async (context, node, credential) => {
    const client = await TurnClient.connect(node.daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    return [client, (await client.allocate()).errorCode];
  };

  before(async () => {
    nodes = await initialiseFleet(suite, REGIONS, { join: true });
    for (const node of nodes) await startNode(suite, node);
    await until('the fleet is whole', isWhole, 10_000);
  });

  test('changes with no node out of the fleet and no call lost', async (context) => {
    const [north, south, west] = nodes;
    const old = await north.daemon.credential({ fixed_region: 'south', ttl: 600 });
    const [call, refusal] = await allocates(context, south, old);
    assert.equal(refusal, undefined);

    let watches = true;
    const gaps = [];
    const watch = (async () => {
      while (watches) {
        if (!(await isWhole())) gaps.push(Date.now());
        await sleep(20);
      }
    })();

    assert.equal((await keys(north, 'add')).number, 2);
    await until('the key is everywhere', everywhere({ 1: 'active', 2: 'new' }));
    await until('and north knows', async () => (await keys(north, 'list')).keys[1].lacking.length === 0);
    await until('west uses it', async () => (await keys(west, 'use', '2')).state === 'active');
    await until('all seal with it', everywhere({ 1: 'former', 2: 'active' }));

    const fresh = await west.daemon.credential({ fixed_region: 'north', ttl: 600 });
    assert.notEqual(fresh.username.slice(0, 4), old.username.slice(0, 4), 'another key number');
    for (const [node, credential] of [[south, old], [north, fresh]]) {
      assert.equal((await allocates(context, node, credential))[1], undefined);
    }
    assert.equal((await call.refresh(600)).errorCode, undefined);

    await until('the old one is retired', async () => (await keys(south, 'retire', '1')).state === 'retired');
    await until('everywhere', everywhere({ 1: 'retired', 2: 'active' }));
    assert.equal((await allocates(context, south, old))[1], undefined);
    assert.equal((await call.refresh(600)).errorCode, undefined);
    await sleep(3_000); // longer than a node that is not heard stays in the fleet
    watches = false;
    await watch;
    assert.deepEqual(gaps, []);
  });

  test('is in every ring for good', async () => {
    const [, , west] = nodes;
    await west.daemon.stop();
    await startNode(suite, west);
    await until('the fleet is whole', isWhole, 10_000);
    await until('with the same keys', everywhere({ 1: 'retired', 2: 'active' }));
    const ring = JSON.parse(await readFile(path.join(west.home.directory, 'keys.json'), 'utf8'));
    assert.deepEqual(ring.keys.map(({ number }) => number), [1, 2]);
  });

  test('is not used before every node that lives has it, and reaches one that was away', async () => {
    const [north, south, west] = nodes;
    south.daemon.suspend();
    const { number } = await keys(north, 'add');
    await until('north knows that west has it', async () => {
      const { keys: known } = await keys(north, 'list');
      return known.find((each) => each.number === number).lacking.length === 1;
    });
    const { fault } = await keys(north, 'use', String(number));
    south.daemon.resume();
    assert.match(fault, /not yet held by 127\.0\.0\.1 in south/);
    await until('it is used', async () => (await keys(north, 'use', String(number))).state === 'active');

    await west.daemon.kill();
    await until('west is missed', async () => {
      const { body } = await north.daemon.ask('GET', '/api/v1/regions');
      return !body.find(({ slug }) => slug === 'west').is_operational;
    });
    const next = await keys(north, 'add');
    await until('it is used', async () => (await keys(north, 'use', String(next.number))).state === 'active');
    await startNode(suite, west);
    await until('the fleet is whole', isWhole, 10_000);
    await until('west seals with it', async () => (await states(west))[next.number] === 'active');
  });
});

test('keys works on the file while no daemon runs', async (context) => {
  const home = await initialise(context);
  const node = { home };
  assert.deepEqual(await states(node), { 1: 'active' });
  assert.equal((await keys(node, 'add')).state, 'new');
  assert.match((await keys(node, 'retire', '1')).fault, /active/);
  assert.equal((await keys(node, 'use', '2')).state, 'active');
  assert.equal((await keys(node, 'retire', '1')).state, 'retired');
  assert.match((await keys(node, 'use', '9')).fault, /no key 9/);
  assert.deepEqual(await states(node), { 1: 'retired', 2: 'active' });
});
