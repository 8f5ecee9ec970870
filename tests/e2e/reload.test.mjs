// The configuration and the certificates change while calls go on: all of a change takes effect, or nothing.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { on } from 'node:events';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { makeTrustedCertificate } from './certificates.mjs';
import { edit, reload } from './configuration.mjs';
import { freeListeners, initialise, onEnd, runCommand, runDaemon } from './daemon.mjs';
import { readMetrics } from './metrics.mjs';
import { TurnClient } from './turn_client.mjs';

const LOAD_S = process.env.TURNIX_PROVE_SCALE === 'full' ? 30 : 5;
const RELOAD_INTERVAL_MS = 100;
/** Well within the rate of a token. */
const CREDENTIAL_INTERVAL_MS = 10;
const WATCH_MS = 6000;
const CHANNEL = 0x4000;

/** The certificate that a TLS client sees at host:port. */
const fingerprintAt = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });

/** A DTLS handshake with host:port, from a socket of its own. */
const shakeHandsOverDtls = async (host, port) => {
  const command = `openssl s_client -dtls1_2 -connect ${host}:${port} </dev/null 2>&1`;
  const { stdout } = await runCommand('sh', ['-c', command]);
  assert.match(stdout, /Cipher is ECDHE/, stdout);
};

/** Installs a certificate as an ACME client does: one file after the other. */
const install = async ({ directory }, { certificate, privateKey }) => {
  for (const [from, name] of [
    [certificate, 'certificate.pem'],
    [privateKey, 'private_key.pem'],
  ]) {
    const to = path.join(directory, name);
    await copyFile(from, `${to}.new`);
    await rename(`${to}.new`, to);
  }
};

/** A program on this machine, as a client's peer. */
const openPeer = async (context) => {
  const socket = dgram.createSocket('udp4');
  onEnd(context, () => socket.close());
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const arrivals = on(socket, 'message');
  return {
    address: { address: '127.0.0.1', port: socket.address().port },
    receive: async () => (await arrivals.next()).value[0].toString(),
  };
};

/** Two clients, over these transports, that may send to each other. */
const startCall = async (context, daemon, transports) => {
  const credential = await daemon.credential();
  const [alice, bob] = await Promise.all(
    transports.map((transport) => TurnClient.connect(daemon.server(transport), credential)),
  );
  for (const client of [alice, bob]) onEnd(context, () => client.close());
  const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
  await alice.createPermission(atBob);
  await bob.createPermission(atAlice);
  return async (text) => {
    alice.send(atBob, text);
    await bob.receive();
  };
};

describe('turnixd reload', () => {
  test('says what is in force now, and what waits for a restart', async (context) => {
    const home = await initialise(context);
    const daemon = await runDaemon(context, home);
    assert.deepEqual(await reload(home), { code: 0, stdout: 'nothing has changed\n', stderr: '' });
    await edit(home, '# level: info', 'level: debug');
    await edit(home, '# workers: 0', 'workers: 1');
    const { code, stdout } = await reload(home);
    assert.equal(code, 0);
    assert.equal(stdout, 'in force now: log.level\nat a restart: relay.workers\n');
    await fetch(`${daemon.api}/healthz`);
    assert.match((await daemon.stop()).stderr, / debug api\.http request /);
  });

  test('takes nothing of a file that is wrong, and says where', async (context) => {
    const home = await initialise(context);
    const daemon = await runDaemon(context, home);
    await edit(home, '# level: info', 'level: debug');
    await edit(home, '# workers: 0', 'workers: many');
    const { code, stdout, stderr } = await reload(home);
    assert.equal(code, 1, stdout);
    assert.match(stderr, /turnixd\.yaml:\d+: relay\.workers: "many" is not a whole number/);
    await fetch(`${daemon.api}/healthz`);
    assert.doesNotMatch((await daemon.stop()).stderr, / debug /);
  });

  test('makes room for as many sessions as memory allows, up to those of the start', async (context) => {
    const home = await initialise(context);
    await edit(home, '# memory_mib_max: 0', 'memory_mib_max: 128');
    const daemon = await runDaemon(context, home);
    const sessionsMax = async () => (await readMetrics(daemon)).turnix_sessions_max;
    assert.equal(await sessionsMax(), 1024);
    const inForce = 'in force now: node.memory_mib_max\n';
    await edit(home, 'memory_mib_max: 128', 'memory_mib_max: 64');
    assert.equal((await reload(home)).stdout, inForce);
    assert.equal(await sessionsMax(), 512);
    await edit(home, 'memory_mib_max: 64', 'memory_mib_max: 256');
    assert.equal((await reload(home)).stdout, `${inForce}at a restart: node.memory_mib_max\n`);
    assert.equal(await sessionsMax(), 1024);
  });

  test('changes limits, peer policy and API rules while a session goes on', async (context) => {
    const home = await initialise(context);
    await edit(home, '# unsafe_allow: []', 'unsafe_allow: [127.0.0.0/8]');
    const daemon = await runDaemon(context, home);
    const peer = await openPeer(context);
    const credential = await daemon.credential();
    const [client, second] = await Promise.all(
      [0, 1].map(() => TurnClient.connect(daemon.server('udp'), credential)),
    );
    for (const each of [client, second]) onEnd(context, () => each.close());
    await client.allocate();
    await client.channelBind(CHANNEL, peer.address);
    client.sendOnChannel(CHANNEL, 'allowed');
    assert.equal(await peer.receive(), 'allowed');

    await edit(home, 'unsafe_allow: [127.0.0.0/8]', 'unsafe_allow: []');
    await edit(home, '# allocations_per_credential_max: 32', 'allocations_per_credential_max: 1');
    await edit(home, '# ttl_max_s: 172800', 'ttl_max_s: 60');
    const { code, stdout } = await reload(home);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split(/: |, /), [
      'in force now',
      'relay.peers.unsafe_allow',
      'relay.limits.allocations_per_credential_max',
      'api.credentials.ttl_max_s',
    ]);
    client.sendOnChannel(CHANNEL, 'denied');
    assert.equal((await client.channelBind(CHANNEL, peer.address)).errorCode, 403);
    assert.equal((await second.allocate()).errorCode, 486);
    assert.equal((await daemon.post('/api/v1/credentials/ice', { ttl: 61 })).status, 422);

    await edit(home, 'unsafe_allow: []', 'unsafe_allow: [127.0.0.0/8]');
    assert.equal((await reload(home)).code, 0);
    await client.channelBind(CHANNEL, peer.address);
    client.sendOnChannel(CHANNEL, 'allowed again');
    assert.equal(await peer.receive(), 'allowed again');
  });

  test('changes origins, the form of the log and how SIGTERM is taken', async (context) => {
    const home = await initialise(context);
    const daemon = await runDaemon(context, home);
    const preflight = async () =>
      (
        await fetch(`${daemon.api}/api/v1/regions`, {
          method: 'OPTIONS',
          headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
        })
      ).status;
    assert.notEqual(await preflight(), 204);
    await edit(home, '# cors_origins: []', 'cors_origins: ["https://app.example"]');
    await edit(home, '# format: text', 'format: json');
    await edit(home, '# timeout_s: 0', 'timeout_s: 60');
    await edit(home, '# min_allocations: 0', 'min_allocations: 1');
    const { stdout } = await reload(home);
    assert.equal(
      stdout,
      'in force now: api.cors_origins, drain.timeout_s, drain.min_allocations, log.format\n',
    );
    assert.equal(await preflight(), 204);
    const credential = await daemon.credential();
    const clients = await Promise.all(
      [0, 1].map(() => TurnClient.connect(daemon.server('udp'), credential)),
    );
    for (const client of clients) {
      onEnd(context, () => client.close());
      await client.allocate();
    }
    daemon.signal('SIGTERM'); // drains, with two sessions, until one is left
    await daemon.until(async () => (await fetch(`${daemon.status}/readyz`)).status === 503 || undefined);
    await clients[0].refresh(0);
    const { stderr, lastEvent } = await daemon.ended();
    assert.deepEqual(lastEvent, { event: 'stopped', sessions_ended: 1 });
    assert.equal(JSON.parse(stderr.trim().split('\n').at(-1)).logger, 'daemon');
  });

  test('without a daemon it fails and says so', async (context) => {
    const { code, stderr } = await reload(await initialise(context));
    assert.equal(code, 1);
    assert.match(stderr, /does not answer/);
  });
});

test('a renewed certificate is served by itself, on relay and API, and no session ends', async (context) => {
  const home = await initialise(context);
  const pair = {
    'api.tls.certificate': path.join(home.directory, 'certificate.pem'),
    'api.tls.private_key': path.join(home.directory, 'private_key.pem'),
  };
  const daemon = await runDaemon(context, home, pair);
  const places = [daemon.server('tls').port, Number(new URL(daemon.api).port)];
  const seen = () => Promise.all(places.map((port) => fingerprintAt('127.0.0.1', port)));
  const former = await seen();
  const session = await TurnClient.connect(daemon.server('tls'));
  onEnd(context, () => session.close());
  await install(home, await makeTrustedCertificate(context));
  const until = Date.now() + WATCH_MS;
  let now = await seen();
  while (now.some((print, index) => print === former[index]) && Date.now() < until) {
    await sleep(100);
    now = await seen();
  }
  assert.equal(now[0], now[1]);
  assert.notEqual(now[0], former[0]);
  assert.notEqual((await session.binding()).mapped, undefined);
});

test(`right and wrong reloads for ${LOAD_S} s lose no packet and no handshake`, async (context) => {
  const home = await initialise(context);
  const daemon = await runDaemon(context, home, {
    'relay.dtls.enabled': true,
    'relay.listeners': freeListeners(['udp', 'tls', 'dtls']),
  });
  const right = await readFile(home.config, 'utf8');
  // Everything about it is good but its last line.
  const wrong = `${right.replace('# level: info', 'level: debug')}\nno_such_section: {}\n`;
  assert.notEqual(wrong.indexOf('\n  level: debug'), -1);
  const certificates = [
    {
      certificate: path.join(home.directory, 'first.pem'),
      privateKey: path.join(home.directory, 'first.key'),
    },
    await makeTrustedCertificate(context),
  ];
  await copyFile(path.join(home.directory, 'certificate.pem'), certificates[0].certificate);
  await copyFile(path.join(home.directory, 'private_key.pem'), certificates[0].privateKey);
  const say = await startCall(context, daemon, ['udp', 'tls']);
  const { port } = daemon.server('tls');
  let goesOn = true;
  const done = { datagrams: 0, handshakes: 0, dtls: 0, credentials: 0, reloads: 0 };
  const repeat = async (what, step) => {
    for (; goesOn; ++done[what]) await step(done[what]);
  };
  const load = [
    repeat('datagrams', (packet) => say(`packet ${packet}`)),
    repeat('handshakes', () => fingerprintAt('127.0.0.1', port)),
    ...[1, 2, 3, 4].map(() =>
      repeat('dtls', () => shakeHandsOverDtls('127.0.0.1', daemon.server('dtls').port)),
    ),
    repeat('credentials', async () => {
      await daemon.credential();
      await sleep(CREDENTIAL_INTERVAL_MS);
    }),
  ];
  const start = Date.now();
  for (; Date.now() < start + LOAD_S * 1000; ++done.reloads) {
    await install(home, certificates[done.reloads % 2]);
    await writeFile(`${home.config}.new`, done.reloads % 3 === 2 ? wrong : right);
    await rename(`${home.config}.new`, home.config);
    daemon.signal('SIGHUP');
    await sleep(Math.max(0, start + (done.reloads + 1) * RELOAD_INTERVAL_MS - Date.now()));
  }
  goesOn = false;
  await Promise.all(load);
  const metrics = await (await fetch(`${daemon.status}/metrics`)).text();
  const drops = [...metrics.matchAll(/^turnix_drops_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  assert.ok(drops.length > 0 && drops.every((count) => count === 0), String(drops));
  const { stderr } = await daemon.stop();
  assert.match(stderr, /reload: in force now: relay\.tls\.certificate/);
  assert.match(stderr, /reload: .*turnixd\.yaml:\d+: no_such_section: is not a known key/);
  assert.doesNotMatch(stderr, / debug /);
  const reloads = `${done.reloads} reloads in ${LOAD_S} s, a third of them refused whole`;
  context.diagnostic(
    `figure: reload-load: ${reloads}; 0 lost of ${done.datagrams} datagrams and ${done.credentials} ` +
      'credentials',
  );
  context.diagnostic(
    `figure: reload-certificates: ${reloads}, each with other certificates; 0 failed of ` +
      `${done.handshakes} TLS and ${done.dtls} DTLS handshakes`,
  );
});
