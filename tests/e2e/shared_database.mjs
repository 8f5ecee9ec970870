// What the tests of daemons that share a database have in common.
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** For callers that ask as fast as they can, and clients that talk to each other on this machine. */
export const UNLIMITED = {
  'api.limits.requests_per_second_per_token': 10_000,
  'api.limits.requests_burst_per_token': 10_000,
  'relay.peers.unsafe_allow': ['127.0.0.0/8'],
};

/** Until `look` gives something true. */
export const within = async (milliseconds, what, look) => {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `not within ${milliseconds} ms: ${what}`);
    await pause(25);
  }
};

/** Asks a node with any token: {status, headers, body}. */
export const askWith = (node, token, method, target, body) =>
  node.daemon.ask(method, `/api/v1/${target}`, body, { authorization: `Bearer ${token}` });
export const statusWith = async (node, token) => (await askWith(node, token, 'GET', 'regions')).status;

const metric = async (node, name) => {
  const text = await (await fetch(`${node.daemon.status}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)[1]);
};
/** Rows that wait at a node for the database. */
export const backlogOf = (node) => metric(node, 'turnix_upstream_backlog');
/** Until a node has sent everything. */
export const inStep = (node) =>
  within(30_000, 'a node in step', async () => {
    return (await metric(node, 'turnix_upstream_connected')) === 1 && (await backlogOf(node)) === 0;
  });

/** The rows of a query of a node's own store, each an object. */
export const sqlite = async (node, sql) => {
  const database = path.join(node.home.directory, 'turnixd.db');
  const { code, stdout, stderr } = await runCommand('sqlite3', ['-json', '-readonly', database, sql]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout || '[]');
};

const talk = async ([alice, bob]) => {
  const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
  await alice.createPermission(atBob);
  await bob.createPermission(atAlice);
  alice.send(atBob, 'x'.repeat(100));
  await bob.receive();
  for (const each of [alice, bob]) assert.equal((await each.refresh(0)).lifetimeSeconds, 0);
};

/** Two sessions on the node, of 100 bytes up and 100 down, from their beginning to their end. */
export const call = async (node, token, room) => {
  const minted = await askWith(node, token, 'POST', 'credentials/ice', { room, fixed_region: node.region });
  assert.equal(minted.status, 200, JSON.stringify(minted.body));
  const credential = minted.body.iceServers.find((server) => server.username);
  const clients = [];
  try {
    for (let end = 0; end < 2; ++end) {
      clients.push(await TurnClient.connect(node.daemon.server('udp'), credential));
    }
    await talk(clients);
  } finally {
    for (const each of clients) each.close(); // an open socket would keep the test from ending
  }
};
