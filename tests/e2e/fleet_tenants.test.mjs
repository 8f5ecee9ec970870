// Three daemons without any database between them: tokens, projects and settings of one are those of all.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { suiteContext, turnixd } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';

/** Within which what one node makes is good on all. */
const SPREAD_MS = 2_000;
/** Within which a node that was away has heard of everything. */
const RETURN_MS = 8_000;

describe('three nodes of one organisation', () => {
  const suite = suiteContext();
  let nodes;

  const as = (token) => ({ authorization: `Bearer ${token}` });
  const issue = (node, token, headers = {}) =>
    node.daemon.ask('POST', '/api/v1/credentials/ice', {}, { ...as(token), ...headers });
  /** Waits until it holds on each of the nodes. */
  const everywhere = async (holds, within = SPREAD_MS, on = nodes) => {
    const deadline = Date.now() + within;
    for (;;) {
      const answers = await Promise.all(on.map(holds));
      if (answers.every((each) => each === true)) return;
      assert.ok(Date.now() < deadline, `not within ${within} ms: ${answers}`);
      await sleep(50);
    }
  };
  const isAdmitted = (token) => async (node) => (await issue(node, token)).status === 200;
  const isRefused = (token) => async (node) => (await issue(node, token)).status === 401;
  const created = async (node, fields = {}) => {
    const { status, body } = await node.daemon.post('/api/v1/tokens', {
      name: 'backend',
      scopes: ['ice:issue'],
      ...fields,
    });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const revoke = async (node, id) =>
    assert.equal((await node.daemon.ask('DELETE', `/api/v1/tokens/${id}`)).status, 204);

  before(async () => {
    nodes = await initialiseFleet(suite, ['north', 'south', 'west'], { join: true });
    for (const node of nodes) await startNode(suite, node);
    await everywhere(isAdmitted(nodes[0].home.token), RETURN_MS);
  });

  test('take a token of any of them, and refuse it when any has revoked it', async () => {
    const [north, south, west] = nodes;
    const token = await created(south);
    await everywhere(isAdmitted(token.token));
    await revoke(west, token.id);
    await everywhere(isRefused(token.token));
    const { body } = await north.daemon.ask('GET', `/api/v1/tokens/${token.id}`);
    assert.ok(body.revoked_at);
  });

  test('take both secrets of a token that another one has rotated, as long as they overlap', async () => {
    const [north, south] = nodes;
    const token = await created(north);
    await everywhere(isAdmitted(token.token));
    const rotate = (overlap_seconds) =>
      south.daemon.post(`/api/v1/tokens/${token.id}/rotate`, { overlap_seconds });
    const rotated = await rotate(3_600);
    assert.equal(rotated.status, 200);
    await everywhere(isAdmitted(rotated.body.token));
    await everywhere(isAdmitted(token.token));
    const again = await rotate(0);
    await everywhere(isAdmitted(again.body.token));
    await everywhere(isRefused(token.token));
  });

  test('have each other’s projects and settings', async () => {
    const [north, south, west] = nodes;
    const made = await south.daemon.post('/api/v1/projects', {
      slug: 'games',
      settings: { default_ttl_s: 77, links: { room: `https://games.test/${'r'.repeat(450)}` } },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const inGames = { 'x-project': 'games' };
    const ttlIs = (ttl) => async (node) => (await issue(node, north.home.token, inGames)).body.ttl === ttl;
    await everywhere(ttlIs(77));
    const games = (node) => node.daemon.ask('GET', '/api/v1/projects/games');
    const expected = JSON.stringify(made.body.settings);
    await everywhere(async (node) => JSON.stringify((await games(node)).body.settings) === expected);
    await west.daemon.ask('PATCH', '/api/v1/projects/games', { settings: { default_ttl_s: 78 } });
    await everywhere(ttlIs(78));
    await north.daemon.ask('PATCH', '/api/v1/organisation', { name: 'Renamed' });
    const organisation = (node) => node.daemon.ask('GET', '/api/v1/organisation');
    await everywhere(async (node) => (await organisation(node)).body.name === 'Renamed');
    assert.equal((await north.daemon.ask('DELETE', '/api/v1/projects/games')).status, 204);
    await everywhere(async (node) => (await games(node)).status === 404);
  });

  test('hear of what happened while they were away, and tell what was done at home meanwhile', async () => {
    const [north, south, west] = nodes;
    const revoked = await created(south);
    await everywhere(isAdmitted(revoked.token));
    await south.daemon.kill();
    const made = await created(west);
    await revoke(north, revoked.id);
    const how = ['--config', south.home.config, '--scope', 'ice:issue', '--json'];
    const { code, stdout, stderr } = await turnixd('token', 'create', ...how);
    assert.equal(code, 0, stderr);
    await startNode(suite, south);
    await everywhere(isAdmitted(made.token), RETURN_MS);
    await everywhere(isRefused(revoked.token), RETURN_MS);
    await everywhere(isAdmitted(JSON.parse(stdout).token), RETURN_MS);
  });

  test('need nobody else to know it all after a start', async () => {
    const [north, south, west] = nodes;
    const revoked = await created(north);
    const kept = await created(north);
    await everywhere(isAdmitted(revoked.token));
    await everywhere(isAdmitted(kept.token));
    await revoke(north, revoked.id);
    await everywhere(isRefused(revoked.token));
    for (const each of nodes) await each.daemon.stop();
    await startNode(suite, west);
    assert.equal((await issue(west, kept.token)).status, 200);
    assert.equal((await issue(west, revoked.token)).status, 401);
    await startNode(suite, north);
    await startNode(suite, south);
  });
});
