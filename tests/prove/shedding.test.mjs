// A node that runs out of descriptors, and one that runs out of memory: at 80 % TLS clients wait, at 90 %
// newcomers are refused or sent on, at 95 % strangers get silence; who is in a call loses nothing, and all
// are served again when what was in use is free.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { startNumberedCall } from '../e2e/calls.mjs';
import { edit, reload } from '../e2e/configuration.mjs';
import { initialise, onEnd, runDaemon } from '../e2e/daemon.mjs';
import { initialiseFleet, startNode } from '../e2e/fleet.mjs';
import { readMetrics } from '../e2e/metrics.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { MEGABYTE } from './process.mjs';

const TLS_WAITS = 1;
const NEWCOMERS_REFUSED = 2;
const STRANGERS_IGNORED = 3;
const CALLS = ['udp', 'tcp', 'tls'];
const PATIENCE_MS = 1_000;
const LOOK_EVERY_MS = 50;
const TRIES = 400;

/** Ample for what one source does here. */
const BUDGETS = {
  'relay.limits.unauthenticated_burst': 10_000,
  'relay.limits.idle_connections_per_source_max': 1_000,
};

const connect = async (context, server, credential, options) => {
  const client = await TurnClient.connect(server, credential, options);
  onEnd(context, () => client.close());
  return client;
};

const stepOf = async (daemon) => (await readMetrics(daemon)).turnix_load_step;

/** Does `fill` again and again until the node is at this step. */
const untilStep = async (daemon, step, fill = async () => {}) => {
  for (let tries = 0; tries < TRIES; ++tries) {
    if ((await stepOf(daemon)) === step) return;
    await fill();
    await sleep(LOOK_EVERY_MS);
  }
  assert.fail(`the node is at step ${await stepOf(daemon)}, not at ${step}`);
};

/** Three calls, a client that has a session, and one that has none but a nonce. */
const startCrowd = async (context, daemon) => {
  const credential = await daemon.credential({ ttl: 600 });
  const calls = [];
  for (const transport of CALLS)
    calls.push(await startNumberedCall(context, daemon.server(transport), credential));
  const member = await connect(context, daemon.server('udp'), credential);
  const { relayed } = await member.allocate();
  const newcomer = await connect(context, daemon.server('udp'), credential);
  assert.equal((await newcomer.refresh(600)).errorCode, 437);
  return { credential, calls, member, peer: relayed, newcomer };
};

const isAnswered = async (context, daemon) => {
  const stranger = await connect(context, daemon.server('udp'), {}, { patienceMs: PATIENCE_MS });
  return stranger.binding().then(
    () => true,
    () => false,
  );
};

/** A TLS client: {hasArrived, arrival}. */
const knock = (context, daemon) => {
  const { port } = daemon.server('tls');
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  onEnd(context, () => socket.destroy());
  const client = { hasArrived: false };
  client.arrival = new Promise((resolve) =>
    socket.once('secureConnect', () => {
      client.hasArrived = true;
      resolve();
    }),
  );
  socket.on('error', () => {});
  return client;
};

const checkMember = async ({ member, peer }) => {
  for (const answer of [
    await member.refresh(600),
    await member.createPermission(peer),
    await member.channelBind(0x4001, peer),
    await member.binding(),
  ])
    assert.equal(answer.errorCode, undefined);
};

const readiness = async ({ status }) => (await fetch(`${status}/readyz`)).json();

/** What everybody gets at each step that `fillTo(step)` brings the node to: {refused, waiting}. */
const climb = async (context, daemon, crowd, fillTo) => {
  await fillTo(TLS_WAITS);
  const waiting = knock(context, daemon);
  await checkMember(crowd);
  assert.ok(await isAnswered(context, daemon));
  assert.deepEqual((await readiness(daemon)).reasons, []);
  await sleep(PATIENCE_MS);
  assert.equal(waiting.hasArrived, false);

  await fillTo(NEWCOMERS_REFUSED);
  const refused = await crowd.newcomer.allocate();
  assert.deepEqual((await readiness(daemon)).reasons, ['overloaded']);
  await checkMember(crowd);
  assert.ok(await isAnswered(context, daemon));

  await fillTo(STRANGERS_IGNORED);
  assert.equal(await isAnswered(context, daemon), false);
  await checkMember(crowd);
  assert.equal((await crowd.newcomer.allocate()).errorCode, refused.errorCode);
  assert.equal(waiting.hasArrived, false);
  return { refused, waiting };
};

/** All as before: how many datagrams the calls have sent, none of which is missing. */
const checkAfterwards = async (context, daemon, { calls, newcomer }, { waiting }) => {
  assert.deepEqual((await readiness(daemon)).reasons, []);
  assert.equal((await newcomer.allocate()).errorCode, undefined);
  assert.ok(await isAnswered(context, daemon));
  await waiting.arrival;
  let datagrams = 0;
  for (const call of calls) {
    const { sent, arrived } = await call.end();
    assert.equal(arrived, sent);
    datagrams += sent;
  }
  return datagrams;
};

const DESCRIPTORS = 512;
/** How many are open at each step; TCP clients wait from 450 on. */
const OPEN_AT = { [TLS_WAITS]: 440, [NEWCOMERS_REFUSED]: 468, [STRANGERS_IGNORED]: 494 };
const REQUEST = 'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n';
const BINDING = Buffer.from('000100002112a442000000000000000000000000', 'hex');

/** Opens connections that stay until {freeAll}: TCP clients first, then connections of the monitoring. */
const descriptorFiller = (context, daemon) => {
  const opened = [];
  const freeAll = () => opened.splice(0).forEach((socket) => socket.destroy());
  onEnd(context, freeAll);
  const open = (port, words) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(words));
      socket.once('data', resolve);
      socket.once('error', reject);
      opened.push(socket);
    });
  const statusPort = Number(new URL(daemon.status).port);
  const fillTo = async (step) => {
    const isFirst = step === TLS_WAITS;
    const [port, words] = isFirst ? [daemon.server('tcp').port, BINDING] : [statusPort, REQUEST];
    const { process_open_fds: before } = await readMetrics(daemon);
    for (let more = before; more < OPEN_AT[step]; ++more) await open(port, words);
    await untilStep(daemon, step);
  };
  return { fillTo, freeAll };
};

test(`with ${DESCRIPTORS} descriptors`, { timeout: 120_000 }, async (context) => {
  const launcher = ['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, '--'];
  const daemon = await runDaemon(context, { ...(await initialise(context)), launcher }, BUDGETS);
  const crowd = await startCrowd(context, daemon);
  const { fillTo, freeAll } = descriptorFiller(context, daemon);
  const seen = await climb(context, daemon, crowd, fillTo);
  assert.equal(seen.refused.errorCode, 508);
  const issue = await daemon.post('/api/v1/credentials/ice', {});
  assert.equal(issue.body.error.code, 'region_unavailable');
  freeAll();
  await untilStep(daemon, 0);
  const datagrams = await checkAfterwards(context, daemon, crowd, seen);
  const { stderr } = await daemon.stop();
  assert.match(stderr, /new sessions are refused: 4\d\d of 512 descriptors, .* raise LimitNOFILE/);
  assert.match(stderr, /memory and descriptors suffice again/);
  context.diagnostic(
    `figure: resource-shedding: ${DESCRIPTORS} descriptors: with ${OPEN_AT[TLS_WAITS]} TLS clients wait, ` +
      `with ${OPEN_AT[NEWCOMERS_REFUSED]} newcomers get 508, with ${OPEN_AT[STRANGERS_IGNORED]} strangers ` +
      `get silence; 0 lost of ${datagrams} datagrams of calls over UDP, TCP and TLS; all served again after`,
  );
});

/** What the daemon has at its start is so much of what it may have. */
const SHARE_AT_START = 0.7;
const SHARE_AT = { [TLS_WAITS]: 0.85, [NEWCOMERS_REFUSED]: 0.925, [STRANGERS_IGNORED]: 0.97 };
const SLOW_CLIENTS = 4;
const PAYLOAD = Buffer.alloc(8_000);
const PAYLOADS_AT_ONCE = 32;
const CHANNEL_FIRST = 0x4100;

/** Sends to clients that read nothing, so that the relay has it waiting, until {freeAll}. */
const memoryFiller = async (context, daemon, credential, limit) => {
  const sender = await connect(context, daemon.server('tcp'), credential);
  const { relayed } = await sender.allocate();
  const slow = [];
  for (let index = 0; index < SLOW_CLIENTS; ++index) {
    const client = await connect(context, daemon.server('tcp'), credential);
    await sender.channelBind(CHANNEL_FIRST + index, (await client.allocate()).relayed);
    await client.channelBind(CHANNEL_FIRST, relayed);
    client.socket.pause();
    slow.push(client);
  }
  let next = 0;
  const fillTo = (step) =>
    untilStep(daemon, step, async () => {
      if ((await readMetrics(daemon)).process_resident_memory_bytes > SHARE_AT[step] * limit) return;
      for (let each = 0; each < PAYLOADS_AT_ONCE; ++each)
        sender.sendOnChannel(CHANNEL_FIRST + (next++ % SLOW_CLIENTS), PAYLOAD);
    });
  return { fillTo, freeAll: () => slow.forEach((client) => client.close()) };
};

const limitMemory = async (daemon, mib) => {
  await edit(daemon, '# memory_mib_max: 0', `memory_mib_max: ${mib}`);
  assert.equal((await reload(daemon)).code, 0);
};

test('with little memory, in a fleet of two', { timeout: 120_000 }, async (context) => {
  const [near, far] = await initialiseFleet(context, ['near', 'far']);
  const patience = {
    'relay.limits.stream_queue_bytes_max': 16 * MEGABYTE,
    'relay.limits.stream_queue_age_max_ms': 30_000,
  };
  await startNode(context, near, { ...BUDGETS, ...patience });
  await startNode(context, far);
  const { daemon } = near;
  const crowd = await startCrowd(context, daemon);
  const { process_resident_memory_bytes: atStart } = await readMetrics(daemon);
  const mib = Math.ceil(atStart / SHARE_AT_START / MEGABYTE);
  const { fillTo, freeAll } = await memoryFiller(context, daemon, crowd.credential, mib * MEGABYTE);
  await limitMemory(daemon, mib);
  const seen = await climb(context, daemon, crowd, fillTo);
  assert.equal(seen.refused.errorCode, 300);
  assert.equal(seen.refused.alternate.port, far.daemon.server('udp').port);
  const elsewhere = await far.daemon.credential({ preferred_region: 'near' });
  assert.equal(elsewhere.region, 'far');
  freeAll();
  await untilStep(daemon, 0);
  const datagrams = await checkAfterwards(context, daemon, crowd, seen);
  const { stderr } = await daemon.stop();
  assert.match(stderr, new RegExp(`new sessions are refused: .* of ${mib} MiB .* raise node.memory_mib_max`));
  context.diagnostic(
    `figure: resource-shedding: ${mib} MiB of memory, ${(atStart / MEGABYTE).toFixed(0)} in use at the ` +
      'start: at 85 % TLS clients wait, at 92 % newcomers get 300 and find the other node, which issues no ' +
      `credentials for this one, at 97 % strangers get silence; 0 lost of ${datagrams} datagrams of calls ` +
      'over UDP, TCP and TLS; all served again after',
  );
});
