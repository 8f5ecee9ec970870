// The same conversations with the daemon and with Debian's turnserver: what the daemon says is what the
// scenario says, and where turnserver says something else, differences.md explains it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import {
  UNSAFE_LOOPBACK_PEERS,
  freeListeners,
  onEnd,
  startDaemon,
  suiteContext,
  temporaryDirectory,
} from '../e2e/daemon.mjs';
import { Conversation } from './conversation.mjs';
import { Explained, asRow } from './differences.mjs';
import allocate from './scenarios/allocate.mjs';
import authentication from './scenarios/authentication.mjs';
import messageLayer from './scenarios/message_layer.mjs';
import mobility from './scenarios/mobility.mjs';
import natDiscovery, { withoutDiscovery } from './scenarios/nat_discovery.mjs';
import permissions from './scenarios/permissions.mjs';
import refresh from './scenarios/refresh.mjs';
import stream from './scenarios/stream.mjs';
import tcpRelay from './scenarios/tcp_relay.mjs';
import { freePort, startTurnserver } from './turnserver.mjs';

const PLAIN = [
  ...messageLayer,
  ...authentication,
  ...allocate,
  ...refresh,
  ...permissions,
  ...stream,
  ...withoutDiscovery,
];
// What the daemon does only where it is told to.
const OPTED_IN = [...tcpRelay, ...mobility, ...natDiscovery];
const OPT_IN = { 'relay.tcp_relay.enabled': true, 'relay.mobility.enabled': true };
const TURNSERVER_PLAIN = ['--no-rfc5780'];
const TURNSERVER_OPT_IN = ['--mobility', '-L', '127.0.0.2'];
const SCENARIOS = [...PLAIN, ...OPTED_IN];
const SCENARIOS_MIN = 150;
const USERS = {
  alice: { username: 'alice', credential: 'wonderland' },
  bob: { username: 'bob', credential: 'builder' },
};
const DENIED_PEERS = ['10.0.0.0-10.255.255.255'];
const CONCURRENCY = 16;
// A lifetime may be told as what is left of it.
const PASSED_S_MAX = 5;

/** Settings for NAT behaviour discovery: the listener and one place more. */
const discovery = async () => {
  const port = await freePort();
  const other = await freePort();
  const primary = `127.0.0.1:${port}`;
  return {
    'relay.nat_discovery.primary': primary,
    'relay.nat_discovery.alternate': `127.0.0.2:${other === port ? port + 1 : other}`,
    'relay.listeners': [
      { transport: 'udp', address: primary },
      ...freeListeners(['udp', 'tcp', 'tls']),
    ],
  };
};

const run = async (suite, { over, at, steps }, one) => {
  const conversation = new Conversation(one.server(over, at), USERS);
  onEnd(suite, () => conversation.closeClients());
  await conversation.open();
  try {
    const seen = [];
    for (const [, step] of steps) seen.push(await conversation.run(step));
    return seen;
  } finally {
    conversation.closePeers();
  }
};

const text = (value) => (Array.isArray(value) ? value.join(', ') : String(value)) || 'none';

const without = (all, others) => text(all.filter((each) => !others.includes(each)));

const isSame = (key, one, other) =>
  key === 'lifetime' ? Math.abs(one - other) <= PASSED_S_MAX : text(one) === text(other);

/** What differs in one step. When the outcomes do, nothing else says more. */
const compared = (ours, theirs) => {
  const differing = (key) => theirs[key] !== undefined && !isSame(key, ours[key], theirs[key]);
  const difference = (key) => ({ what: key, turnixd: text(ours[key]), turnserver: text(theirs[key]) });
  if (differing('outcome')) return [difference('outcome')];
  return Object.keys(ours)
    .filter(differing)
    .map((key) =>
      key !== 'attributes'
        ? difference(key)
        : {
            what: `attributes of ${ours.outcome}`,
            turnixd: without(ours.attributes, theirs.attributes),
            turnserver: without(theirs.attributes, ours.attributes),
          },
    );
};

describe('beside turnserver', () => {
  const suite = suiteContext();
  const explained = new Explained();
  let plain, optedIn;

  before(async () => {
    const usersFile = path.join(await temporaryDirectory(suite), 'users');
    const lines = Object.values(USERS).map(({ username, credential }) => `${username}:${credential}\n`);
    await writeFile(usersFile, lines.join(''), { mode: 0o600 });
    const settings = {
      ...UNSAFE_LOOPBACK_PEERS,
      'relay.interop.users_file': usersFile,
      'relay.limits.allocations_per_credential_max': 1000,
    };
    const startBoth = (opted, optedTurnserver) =>
      Promise.all([
        startDaemon(suite, { ...settings, ...opted }),
        startTurnserver(suite, Object.values(USERS), DENIED_PEERS, optedTurnserver),
      ]);
    [plain, optedIn] = await Promise.all([
      startBoth({}, TURNSERVER_PLAIN),
      startBoth({ ...OPT_IN, ...(await discovery()) }, TURNSERVER_OPT_IN),
    ]);
  });

  describe('scenario', { concurrency: CONCURRENCY }, () => {
    for (const scenario of SCENARIOS) {
      test(scenario.title, async () => {
        const servers = OPTED_IN.includes(scenario) ? optedIn : plain;
        const [ours, theirs] = await Promise.all(servers.map((each) => run(suite, scenario, each)));
        const unexplained = scenario.steps
          .flatMap(([, step], at) =>
            compared(ours[at], theirs[at]).map((difference) => ({
              scenario: scenario.title,
              step: `${at + 1} ${step.name}`,
              ...difference,
            })),
          )
          .filter((difference) => !explained.covers(difference));
        assert.deepEqual(
          ours.map(({ outcome }) => outcome),
          scenario.steps.map(([outcome]) => outcome),
          'turnixd does not do what the scenario says',
        );
        assert.deepEqual(unexplained.map(asRow), [], 'not explained in differences.md');
      });
    }
  });

  test('every difference that is explained occurs', () => {
    assert.deepEqual(explained.unused().map(asRow), []);
  });

  test('there are enough scenarios, each of its own name', () => {
    const titles = new Set(SCENARIOS.map(({ title }) => title));
    assert.equal(titles.size, SCENARIOS.length);
    assert.ok(titles.size >= SCENARIOS_MIN);
  });
});
