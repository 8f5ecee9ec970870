// A process that may have 1,024 descriptors: who comes when they run out is told so, who is served stays
// served, and nothing spins.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, onEnd, runDaemon } from '../e2e/daemon.mjs';
import { readMetrics } from '../e2e/metrics.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { startCall } from './call.mjs';
import { processFigures } from './process.mjs';

const DESCRIPTORS = 1_024;
/** Listeners, relay ports and the like cannot be more; 128 of the rest are the API's at most. */
const ROOM = 416;
const ALLOCATIONS_PER_CREDENTIAL = 32;
const STRANGERS = 1_200;
const IDLE_S = 5;
const IDLE_CPU_MAX = 0.5;
const CALLS = ['udp', 'tcp', 'tls'];

/** Two hundred sources, so that none has more connections than one source may. */
const connectIdle = (context, port, index) =>
  new Promise((resolve) => {
    const localAddress = `127.0.1.${1 + (index % 200)}`;
    const socket = net.connect({ port, host: '127.0.0.1', localAddress }, () => resolve(socket));
    socket.on('error', () => resolve(undefined));
    onEnd(context, () => socket.destroy());
  });

/** Allocates over UDP until the node refuses: {made, refused}, the clients and the first error code. */
const allocateAll = async (context, daemon) => {
  const made = [];
  // A credential has a quota of its own, and a node that is full issues none.
  const credentials = [];
  while (credentials.length * ALLOCATIONS_PER_CREDENTIAL <= ROOM) credentials.push(await daemon.credential());
  for (;;) {
    const credential = credentials[Math.floor(made.length / ALLOCATIONS_PER_CREDENTIAL)];
    const client = await TurnClient.connect(daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    const { errorCode } = await client.allocate();
    if (errorCode !== undefined) return { made, refused: errorCode };
    made.push(client);
  }
};

const startLimited = async (context) => {
  const launcher = ['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, '--'];
  return runDaemon(
    context,
    { ...(await initialise(context)), launcher },
    { 'relay.limits.unauthenticated_burst': 10_000, 'api.limits.requests_burst_per_token': 10_000 },
  );
};

test(`with ${DESCRIPTORS} descriptors`, { timeout: 120_000 }, async (context) => {
  const daemon = await startLimited(context);
  const calls = [];
  for (const transport of CALLS) calls.push(await startCall(context, daemon, transport));
  const before = await processFigures(daemon);

  const { made, refused } = await allocateAll(context, daemon);
  assert.equal(refused, 508);
  assert.equal(made.length + CALLS.length, ROOM);
  assert.equal((await daemon.post('/api/v1/credentials/ice', {})).body.error.code, 'region_unavailable');
  // Strangers that say nothing, at the API and at the relay.
  const ports = [Number(new URL(daemon.api).port), daemon.server('tcp').port, daemon.server('tls').port];
  const idle = [];
  for (let index = 0; index < STRANGERS; ++index)
    idle.push(await connectIdle(context, ports[index % ports.length], index));
  const filled = await processFigures(daemon);
  // Some are left for what is served; nobody could even count them otherwise.
  assert.ok(filled.descriptors > before.descriptors, `${filled.descriptors} descriptors`);
  assert.ok(filled.descriptors < DESCRIPTORS, `${filled.descriptors} descriptors`);

  const since = await processFigures(daemon);
  await sleep(IDLE_S * 1000);
  const cpuSeconds = (await processFigures(daemon)).cpuSeconds - since.cpuSeconds;

  for (const each of idle) each?.destroy();
  for (const each of made) await each.refresh(0);
  const credential = await daemon.until(async () => {
    const { status, body } = await daemon.post('/api/v1/credentials/ice', {});
    return status === 200 ? body.iceServers.find((each) => each.username) : undefined;
  });
  const next = await TurnClient.connect(daemon.server('tcp'), credential);
  onEnd(context, () => next.close());
  assert.equal((await next.allocate()).errorCode, undefined);
  let datagrams = 0;
  for (const each of calls) datagrams += (await each.stop()).datagrams;
  const { stderr } = await daemon.stop();
  assert.match(stderr, new RegExp(`room for ${ROOM} sessions, bound by ${DESCRIPTORS} descriptors`));
  assert.match(stderr, /descriptors or memory run short: new connections wait/);
  assert.ok(cpuSeconds < IDLE_CPU_MAX * IDLE_S, `${cpuSeconds} CPU-seconds`);
  context.diagnostic(
    `figure: resource-descriptors: limit ${DESCRIPTORS}, room for ${ROOM} sessions said at the start; ` +
      `${made.length + CALLS.length} sessions, then 508 and 503; ${filled.descriptors} descriptors with ` +
      `${STRANGERS} who connect and say nothing, ${before.descriptors} before; 0 lost of ${datagrams} ` +
      `datagrams of the calls; ${cpuSeconds.toFixed(2)} CPU-seconds in ${IDLE_S} s of it; new ones are ` +
      'served when others went',
  );
});

/** Of the listeners and what is opened besides: how far above its share a listener may get. */
const MARGIN = 16;
const shareOf = (percent) => Math.floor((DESCRIPTORS * percent) / 100);

/** As many as the daemon takes: the most descriptors that it was seen with. */
const crowd = async (context, daemon, port) => {
  const paused = async () => (await readMetrics(daemon))['turnix_streams_total{event="accept_paused"}'];
  const before = await paused();
  const connecting = Array.from({ length: DESCRIPTORS }, (_, index) => connectIdle(context, port, index));
  let most = 0;
  await daemon.until(async () => {
    most = Math.max(most, (await processFigures(daemon)).descriptors);
    return (await paused()) > before ? true : undefined;
  });
  await Promise.all(connecting);
  return most;
};

test('TLS clients wait at 80 % of them, TCP clients at 90 %', { timeout: 120_000 }, async (context) => {
  const seen = {};
  for (const [transport, percent] of [
    ['tls', 80],
    ['tcp', 90],
  ]) {
    const daemon = await startLimited(context);
    seen[transport] = await crowd(context, daemon, daemon.server(transport).port);
    assert.ok(seen[transport] > shareOf(percent - 10), `${seen[transport]} with ${transport}`);
    assert.ok(seen[transport] <= shareOf(percent) + MARGIN, `${seen[transport]} with ${transport}`);
    const client = await TurnClient.connect(daemon.server('udp'), await daemon.credential());
    onEnd(context, () => client.close());
    assert.equal((await client.allocate()).errorCode, undefined);
  }
  context.diagnostic(
    `figure: resource-capacity: of ${DESCRIPTORS} descriptors ${seen.tls} with a crowd of TLS clients, ` +
      `which wait at 80 %, ${seen.tcp} with one of TCP clients, which wait at 90 %; UDP clients are served ` +
      'meanwhile',
  );
});
