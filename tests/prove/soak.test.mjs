// The soak: thousands of calls at once, hundreds of thousands one after the other, over links that lose 5 %.
// At the end everything is where it was at the beginning, and what was relayed is in the database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onEnd, startDaemon } from '../e2e/daemon.mjs';
import { LinkEmulator, isInNamespace } from '../e2e/link_emulator.mjs';
import { readMetrics } from '../e2e/metrics.mjs';
import { MEGABYTE, query } from './process.mjs';

const FULL = { seconds: 3600, live: 5000, kept: 500, perSecond: 100, rampSeconds: 25, settledAt: 600 };
const SHORT = { seconds: 60, live: 500, kept: 50, perSecond: 10, rampSeconds: 10, settledAt: 30 };
const SCALE = process.env.TURNIX_PROVE_SCALE === 'full' ? FULL : SHORT;
const LEAVE_SECONDS = 10;
/** What comes before a call's first datagram and after its last is not part of this. */
const MEAN_LIFETIME_MS = ((SCALE.live - SCALE.kept) / SCALE.perSecond) * 1000 - 2_500;

const LOSS = 0.05;
const OWN_LOSS_MAX = 0.0001;
const GROWTH_BYTES_MAX = 16 * MEGABYTE;
const SAMPLE_EVERY_MS = 10_000;

const RELAY = '10.78.0.1';
const PEER = '10.78.9.1';
/** As many sources as keep each within what an unauthenticated one may ask. */
const CLIENTS = Array.from({ length: 40 }, (_, index) => `10.78.${1 + (index % 4)}.${1 + index}`);
const PEER_SOCKETS = 64;
const FIRST_PORT = 49_152;
/** So few that each serves again and again: one that got lost would be missed. */
const PORTS = Math.round(SCALE.live * 1.12);

/** Sockets that send everything back, so many that no buffer is ever full. */
const openPeers = async (context) => {
  const counts = { received: 0, receivedBytes: 0, echoed: 0, echoedBytes: 0 };
  const ports = [];
  for (let index = 0; index < PEER_SOCKETS; ++index) {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * MEGABYTE });
    onEnd(context, () => socket.close());
    socket.on('message', (bytes, { address, port }) => {
      ++counts.received;
      counts.receivedBytes += bytes.length;
      ++counts.echoed;
      counts.echoedBytes += bytes.length;
      socket.send(bytes, port, address);
    });
    await new Promise((resolve) => socket.bind({ port: 0, address: PEER, exclusive: true }, resolve));
    ports.push(socket.address().port);
  }
  return { counts, ports };
};

const sumOf = (metrics, prefix, except = []) =>
  Object.entries(metrics)
    .filter(([name]) => name.startsWith(prefix) && !except.some((each) => name.includes(`"${each}"`)))
    .reduce((sum, [, value]) => sum + value, 0);

/** What came over the link into this namespace, but for ICMP: clients who had gone before an answer came. */
const cameOverLink = async () => {
  const read = (name) => readFile(`/proc/self/net/${name}`, 'utf8');
  const [, packets] = (await read('dev')).match(/link0: *\d+ +(\d+) /);
  const [, icmp] = (await read('snmp')).match(/^Icmp: (\d+) /m);
  return packets - icmp;
};

/** The process with all the clients: {counts, answers, ended, leave}. */
const startClients = (daemon, network, peerPorts) => {
  const wanted = {
    ...SCALE,
    from: CLIENTS,
    server: { transport: 'udp', address: RELAY, port: daemon.server('udp', RELAY).port },
    peer: PEER,
    peerPorts,
    meanLifetimeMs: MEAN_LIFETIME_MS,
    leaveMs: LEAVE_SECONDS * 1000,
  };
  const script = fileURLToPath(new URL('soak_clients.mjs', import.meta.url));
  const [command, ...before] = [...network.launcher('clients'), process.execPath];
  const child = spawn(command, [...before, script, JSON.stringify(wanted)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const clients = { counts: undefined, answers: undefined, credentials: 0 };
  child.on('message', async ({ credential: id, ...told }) => {
    Object.assign(clients, told);
    if (!id) return;
    const names = { room: `room-${id % 50}`, initiator_client: `alice-${id % 20}`, receiver_client: 'bob' };
    const { username, credential } = await daemon.credential(names);
    ++clients.credentials;
    child.send({ id, credential: { username, credential } });
  });
  clients.ended = new Promise((resolve) => child.on('close', resolve));
  clients.leave = () => child.send({ end: true });
  clients.kill = () => child.kill('SIGKILL');
  return clients;
};

const mebibytes = (bytes) => (bytes / MEGABYTE).toFixed(1);
const percent = (share) => `${(share * 100).toFixed(4)} %`;

/** Looks now and then at how it goes, until the time is over: [{at, resident, sessions}]. */
const watch = async (daemon, clients) => {
  const samples = [];
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  while (elapsed() < SCALE.seconds) {
    await pause(Math.min(SAMPLE_EVERY_MS, SCALE.seconds * 1000 - elapsed() * 1000));
    const metrics = await readMetrics(daemon);
    const sample = {
      at: elapsed(),
      resident: metrics.process_resident_memory_bytes,
      sessions: metrics.turnix_sessions,
    };
    samples.push(sample);
    const { sent, received, live, lost } = clients.counts;
    console.log(
      `${sample.at.toFixed(0)} s: ${sample.sessions} sessions, ${live} known to clients, ` +
        `${lost.length} lost, ${mebibytes(sample.resident)} MiB, ${metrics.process_open_fds} descriptors, ` +
        `${metrics.process_cpu_seconds_total.toFixed(1)} CPU-s, ${sent} sent, ${received} received`,
    );
    assert.deepEqual(lost.slice(0, 5), []);
  }
  return samples;
};

const soak = async (context) => {
  const network = await LinkEmulator.start(context, { relay: [RELAY, PEER], clients: CLIENTS });
  await network.set({ between: ['relay', 'clients'] }, { loss: LOSS });
  const daemon = await startDaemon(context, {
    'relay.listeners': [{ transport: 'udp', address: `${RELAY}:0` }],
    'relay.ports.first': FIRST_PORT,
    'relay.ports.last': FIRST_PORT + PORTS - 1,
    'relay.peers.unsafe_allow': [`${PEER}/32`],
    'log.format': 'json',
  });
  const peers = await openPeers(context);
  const before = await readMetrics(daemon);
  const clients = startClients(daemon, network, peers.ports);
  onEnd(context, clients.kill);

  const samples = await watch(daemon, clients);
  clients.leave();
  await clients.ended;
  assert.deepEqual(clients.counts.lost.slice(0, 5), []);
  assert.ok(clients.answers, 'the clients ended before they had told everything');
  const after = await daemon.until(async () => {
    const metrics = await readMetrics(daemon);
    const isAtRest = metrics.turnix_sessions === 0 && metrics.process_open_fds <= before.process_open_fds;
    return isAtRest ? metrics : undefined;
  });
  const overLink = await cameOverLink();
  const stopped = await daemon.stop();
  const counted = Object.fromEntries(Object.entries(after).filter(([, value]) => value !== 0));
  console.log(JSON.stringify({ ...clients, overLink, peers: peers.counts, counted }));
  return { daemon, samples, clients, peers: peers.counts, overLink, before, after, stopped };
};

/** Nobody lost what he kept alive, with as many at once as there should be. */
const callsFigure = ({ samples, clients: { counts }, after }) => {
  assert.equal(sumOf(after, 'turnix_sessions_started_total'), counts.started);
  assert.equal(counts.ended, counts.started);
  const atOnce = samples.filter(({ at }) => at >= SCALE.settledAt).map(({ sessions }) => sessions);
  const least = Math.min(...atOnce);
  assert.ok(least > SCALE.live * 0.85, `only ${least} sessions at once`);
  return (
    `${SCALE.seconds} s with ${least} to ${Math.max(...atOnce)} allocations at once, ` +
    `${SCALE.perSecond} new a second, links that lose 5 % each way: ${counts.started} allocations, ` +
    `${counts.refreshes} refreshes, none lost that its client kept`
  );
};

/** What came to the relay left it, or the relay lost it; what no buffer had room for is among that. */
const lossFigure = ({ clients: { counts }, overLink, peers, after }) => {
  const came = overLink + peers.echoed;
  const unread = came - after['turnix_datagrams_total{event="received"}'];
  const dropped = sumOf(after, 'turnix_drops_total');
  const unsent = sumOf(after, 'turnix_datagrams_total', ['received', 'sent']);
  const undelivered = after['turnix_relayed_packets_total{direction="uplink"}'] - peers.received;
  assert.ok(unread >= 0 && undelivered >= 0, `more than came: ${unread}, ${undelivered}`);
  const lost = unread + dropped + unsent + undelivered;
  assert.ok(lost / came < OWN_LOSS_MAX, `the relay lost ${lost} of ${came}`);
  assert.ok(counts.sent > peers.received, 'the links did not lose anything');
  return `the relay itself lost ${lost} of ${came} datagrams (${percent(lost / came)})`;
};

const memoryFigure = ({ samples }) => {
  const settled = samples.filter(({ at }) => at >= SCALE.settledAt);
  const [from, to] = [settled[0], settled.at(-1)];
  const growth = to.resident - from.resident;
  assert.ok(growth < GROWTH_BYTES_MAX, `grew by ${mebibytes(growth)} MiB`);
  return (
    `resident ${mebibytes(from.resident)} MiB after ${from.at.toFixed(0)} s, ${mebibytes(to.resident)} MiB ` +
    `after ${to.at.toFixed(0)} s`
  );
};

const baselineFigure = ({ clients: { counts }, before, after }) =>
  `at the end ${after.turnix_sessions} sessions and ${after.process_open_fds} descriptors ` +
  `(${before.process_open_fds} before); each of ${PORTS} relay ports served ` +
  `${(counts.started / PORTS).toFixed(1)} allocations`;

/** What peers counted, what the relay says, and what the database has: the same, to the byte. */
const recordsFigure = async ({ daemon, clients: { counts, credentials }, peers, after }) => {
  const relayed = {
    up: after['turnix_relayed_packets_total{direction="uplink"}'],
    upBytes: after['turnix_relayed_bytes_total{direction="uplink"}'],
    down: after['turnix_relayed_packets_total{direction="downlink"}'],
    downBytes: after['turnix_relayed_bytes_total{direction="downlink"}'],
  };
  assert.deepEqual(relayed, {
    up: peers.received,
    upBytes: peers.receivedBytes,
    down: peers.echoed,
    downBytes: peers.echoedBytes,
  });
  const sums = `count(*) AS records, sum(uplink_packets) AS up, sum(uplink_bytes) AS upBytes,
    sum(downlink_packets) AS down, sum(downlink_bytes) AS downBytes`;
  const [released] = await query(
    daemon,
    `SELECT ${sums} FROM sessions WHERE end_reason = 'client_released'`,
  );
  assert.deepEqual(released, { records: counts.started, ...relayed });
  const [{ records, ...usage }] = await query(daemon, `SELECT ${sums} FROM usage`);
  assert.deepEqual(usage, relayed);
  const [{ issued }] = await query(daemon, 'SELECT count(*) AS issued FROM credentials');
  assert.equal(issued, credentials);
  assert.deepEqual(await query(daemon, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  return (
    `${released.records} sessions and ${records} records of usage say what was relayed, to the byte: ` +
    `${relayed.up} datagrams (${relayed.upBytes} bytes) up, ${relayed.down} (${relayed.downBytes}) down`
  );
};

/** The bound, in milliseconds, that this share of the credentials were issued within. */
const issuedWithinMs = (metrics, share) => {
  const prefix = 'turnix_api_request_seconds_bucket{class="issue",status="2xx",le="';
  const buckets = Object.entries(metrics).filter(([name]) => name.startsWith(prefix));
  const [, all] = buckets.at(-1);
  const [name] = buckets.find(([, count]) => count >= all * share);
  return Number(name.slice(prefix.length, -2)) * 1000;
};

const answersFigure = ({ clients: { answers, credentials }, after, stopped }) => {
  const lines = stopped.stderr.trim().split('\n').map((line) => JSON.parse(line));
  const faults = lines.filter(({ level }) => !['info', 'warning'].includes(level));
  assert.deepEqual(faults, []);
  return (
    `${answers.count} answers at the first try within ${answers.p99.toFixed(1)} ms (p99; median ` +
    `${answers.p50.toFixed(1)} ms), ${credentials} credentials within ` +
    `${issuedWithinMs(after, 0.99)} ms (p99); ${lines.length} lines logged, none an error; ` +
    `${after.process_cpu_seconds_total.toFixed(0)} CPU-s`
  );
};

if (isInNamespace(import.meta.url)) {
  const timeout = (SCALE.seconds + 300) * 1000;
  test('calls that come and go for long on links that lose 5 %', { timeout }, async (context) => {
    const run = await soak(context);
    for (const figure of [
      callsFigure,
      lossFigure,
      memoryFigure,
      baselineFigure,
      recordsFigure,
      answersFigure,
    ])
      context.diagnostic(`figure: soak: ${await figure(run)}`);
  });
}
