// Clients behind a NAT that forgets: the client finds itself on another port, and its session is where it
// was.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, runCommand, suiteContext } from '../e2e/daemon.mjs';
import { isInNamespace } from '../e2e/link_emulator.mjs';
import { readMetrics } from '../e2e/metrics.mjs';
import { RFC_PATIENCE_MS, TurnClient } from '../e2e/turn_client.mjs';
import { CLIENTS, RELAY, startThreePlaces } from './three_places.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const CLIENTS_BEHIND = IS_FULL ? 20 : 4;
const ROUNDS = IS_FULL ? 10 : 2;
const INSIDE = '192.168.77.2';
/** Two clients to whom the NAT gives the same port, one after the other. */
const NEIGHBOURS = ['192.168.77.3', '192.168.77.4'];
const SHARED_PORT = 39_999;
const PACKETS = 20;
/** The NAT's own, and a little more than that. */
const FORGETS_AFTER_S = 1;
const SILENCE_MS = 1500;
const TRIES_MAX = 3;
const TALKS_EVERY_MS = 20;
/** Another one than a session's own. */
const CHANNEL = 0x4001;
const MISMATCH = 437;
const WRONG_CREDENTIALS = 441;

const succeed = async (...command) => {
  const { code, stderr } = await runCommand(command[0], command.slice(1));
  assert.equal(code, 0, stderr);
};

/** An address behind a NAT between this place and all others; another port for each mapping. */
const startNat = async () => {
  for (const address of [INSIDE, ...NEIGHBOURS])
    await succeed('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
  const chain = 'type nat hook postrouting priority srcnat;';
  const rule = `ip saddr ${INSIDE} meta l4proto udp snat to ${CLIENTS}:40000-59999 fully-random`;
  const shared = `ip saddr { ${NEIGHBOURS} } meta l4proto udp snat to ${CLIENTS}:${SHARED_PORT}`;
  await succeed('nft', `table ip nat { chain out { ${chain} ${rule}; ${shared}; }; }`);
  for (const which of ['udp_timeout', 'udp_timeout_stream'])
    await writeFile(`/proc/sys/net/netfilter/nf_conntrack_${which}`, String(FORGETS_AFTER_S));
};

/** Sends packets, one after the other: how many the peer has echoed. */
const echoed = async (session) => {
  session.echoes = 0;
  for (let packet = 0; packet < PACKETS; ++packet) {
    session.say(Buffer.from(`packet ${packet}`));
    await sleep(TALKS_EVERY_MS);
  }
  for (let tries = 0; tries < 50 && session.echoes < PACKETS; ++tries) await sleep(TALKS_EVERY_MS);
  return session.echoes;
};

/** Where the server sees the client: the NAT's port. */
const mappedPort = async ({ client }) => (await client.binding()).mapped.port;

const behindNat = () => {
  const suite = suiteContext();
  let places;

  const openSessions = (allocate) =>
    Promise.all(
      Array.from({ length: CLIENTS_BEHIND }, () => places.openSession(suite, { from: INSIDE, allocate })),
    );
  /** Until each is on a port that none had before: there would be a session. */
  const rebind = async (sessions) => {
    const before = await Promise.all(sessions.map(mappedPort));
    for (let tries = 0; ; ++tries) {
      await sleep(SILENCE_MS);
      const after = await Promise.all(sessions.map(mappedPort));
      if (after.every((port) => !before.includes(port))) return;
      assert.ok(tries < TRIES_MAX, 'the NAT does not forget');
    }
  };
  const liveSessions = async () => (await readMetrics(places.daemon)).turnix_sessions;

  before(async () => {
    places = await startThreePlaces(suite, { settings: { 'relay.mobility.enabled': true } });
    await startNat();
  });

  test('sessions live and talk behind a NAT', async () => {
    const sessions = await openSessions();
    const arrived = await Promise.all(sessions.map(echoed));
    assert.deepEqual(arrived, Array(CLIENTS_BEHIND).fill(PACKETS));
    await Promise.all(sessions.map(({ client }) => client.refresh(0)));
    assert.equal(await liveSessions(), 0);
  });

  test('a client on another port takes its session along, with a ticket', async (context) => {
    const sessions = await openSessions((client) => client.allocateMobile());
    for (let round = 0; round < ROUNDS; ++round) {
      await rebind(sessions);
      await Promise.all(
        sessions.map(async (session) => {
          const { errorCode, ticket } = await session.client.resume(session.allocation.ticket);
          assert.equal(errorCode, undefined);
          session.allocation.ticket = ticket;
          assert.equal(await echoed(session), PACKETS);
        }),
      );
      assert.equal(await liveSessions(), CLIENTS_BEHIND);
    }
    await Promise.all(sessions.map(({ client }) => client.refresh(0)));
    context.diagnostic(
      `figure: network-nat: ${CLIENTS_BEHIND} clients behind a NAT that moved each of them to another port ` +
        `${ROUNDS} times took their sessions along (RFC 8016); all ${ROUNDS * CLIENTS_BEHIND * PACKETS} ` +
        `packets came back`,
    );
  });

  test('a client on another port makes a new session, and the old one stays as it is', async (context) => {
    const sessions = await openSessions();
    await rebind(sessions);
    for (const session of sessions) {
      session.say(Buffer.from('from nowhere'));
      assert.equal((await session.client.refresh(600)).errorCode, MISMATCH);
    }
    assert.equal(await liveSessions(), CLIENTS_BEHIND);
    const arrived = [];
    for (const session of sessions) {
      const { errorCode, relayed } = await session.client.allocate();
      assert.equal(errorCode, undefined);
      assert.notDeepEqual(relayed, session.allocation.relayed);
      await session.keepUp();
      arrived.push(await echoed(session));
    }
    assert.deepEqual(arrived, Array(CLIENTS_BEHIND).fill(PACKETS));
    assert.equal(await liveSessions(), 2 * CLIENTS_BEHIND);
    context.diagnostic(
      `figure: network-nat: without a ticket, ${CLIENTS_BEHIND} clients got ${MISMATCH} on their new port, ` +
        `and a session there; the ${CLIENTS_BEHIND} sessions of the old ports lived on undisturbed`,
    );
  });

  test('whoever gets the port of another client gets nothing of its session', async (context) => {
    const [owner, successor] = NEIGHBOURS;
    const before = await liveSessions();
    const session = await places.openSession(suite, { from: owner });
    assert.equal(await mappedPort(session), SHARED_PORT);
    await sleep(SILENCE_MS);
    const server = { ...places.daemon.server('udp', RELAY), from: successor };
    const credential = await places.daemon.credential({ ttl: 3600 });
    const other = await TurnClient.connect(server, credential, { patienceMs: RFC_PATIENCE_MS });
    onEnd(suite, () => other.close());
    assert.equal(await mappedPort({ client: other }), SHARED_PORT);
    const refusals = [];
    for (const request of [
      () => other.refresh(0),
      () => other.createPermission(places.peer),
      () => other.channelBind(CHANNEL, places.peer),
      () => other.allocate(),
    ])
      refusals.push((await request()).errorCode);
    assert.deepEqual(refusals, [WRONG_CREDENTIALS, WRONG_CREDENTIALS, WRONG_CREDENTIALS, MISMATCH]);
    assert.equal(await liveSessions(), before + 1);
    await sleep(SILENCE_MS);
    assert.equal(await echoed(session), PACKETS);
    assert.equal(await mappedPort(session), SHARED_PORT);
    await session.client.refresh(0);
    context.diagnostic(
      `figure: network-nat: a client that the NAT gave the port of another one's live session got ` +
        `${WRONG_CREDENTIALS} for each of three requests about it and ${MISMATCH} for an Allocate; back on ` +
        `its port, the owner had all ${PACKETS} packets echoed`,
    );
  });
};

if (isInNamespace(import.meta.url)) describe('behind a NAT', behindNat);
