// Thousands of connections that keep the server waiting, of each kind: they take bounded memory, and who is
// honest does not feel them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNumberedCall } from '../e2e/calls.mjs';
import { startDaemon, suiteContext } from '../e2e/daemon.mjs';
import { readMetrics } from '../e2e/metrics.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { gatherCrowd } from './slow_crowd.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const CONNECTIONS = IS_FULL ? 5000 : 400;
const SECONDS = IS_FULL ? 15 : 1.5;
/** So few places that the short form fills them, too. */
const API_CONNECTIONS = IS_FULL ? 1024 : 100;
/** A newcomer is served within this time, however loaded the machine. */
const SERVED_MS_MAX = 3000;
const LOOK_EVERY_MS = 200;

/** What a crowd does, to what, and what memory each of its connections may take at most. */
const CROWDS = {
  silent: { at: 'tcp', does: 'nothing said over TCP', kilobytesMax: 16 },
  handshake: { at: 'tls', does: 'TLS handshakes that stall', kilobytesMax: 96 },
  reader: { at: 'tcp', does: 'thousands of Bindings, a byte of the answers read a second', kilobytesMax: 48 },
  header: { at: 'api', does: 'HTTP headers of a byte a second', kilobytesMax: 16 },
  download: { at: 'api', does: "the console's script, a byte read a second", kilobytesMax: 16 },
};

/** Milliseconds until a client that nobody knows has an allocation. */
const newcomer = async (daemon, transport) => {
  const begin = Date.now();
  const client = await TurnClient.connect(daemon.server(transport), await daemon.credential());
  try {
    assert.equal((await client.allocate()).errorCode, undefined, transport);
  } finally {
    client.close();
  }
  return Date.now() - begin;
};

/** Milliseconds until the API answers on a connection of its own. */
const apiNewcomer = async ({ api, token }) => {
  const begin = Date.now();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await new Promise((resolve, reject) =>
    http.get(`${api}/api/v1/regions`, { agent: false, headers }, resolve).on('error', reject),
  );
  answer.resume();
  assert.equal(answer.statusCode, 200);
  return Date.now() - begin;
};

const slow = () => {
  let daemon, script;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, { 'api.connections_max': API_CONNECTIONS });
    script = (await (await fetch(`${daemon.api}/console/`)).text()).match(/\/console\/[^"]+\.js/)[0];
  });
  const residentBytes = async () => (await readMetrics(daemon)).process_resident_memory_bytes;

  for (const [kind, { at, does, kilobytesMax }] of Object.entries(CROWDS)) {
    test(`${CONNECTIONS} connections: ${does}`, async (context) => {
      const calls = [];
      for (const transport of ['udp', 'tcp', 'tls'])
        calls.push(await startNumberedCall(context, daemon.server(transport), await daemon.credential()));
      const port = at === 'api' ? Number(new URL(daemon.api).port) : daemon.server(at).port;
      const before = await residentBytes();
      const crowd = await gatherCrowd(context, { kind, count: CONNECTIONS, port, path: script });
      let peak = before;
      let slowest = 0;
      let most = 0;
      for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
        const took = [
          await newcomer(daemon, 'tcp'),
          await newcomer(daemon, 'tls'),
          await apiNewcomer(daemon),
        ];
        slowest = Math.max(slowest, ...took);
        most = Math.max(most, crowd.state.open);
        peak = Math.max(peak, await residentBytes());
      }
      const { closed } = crowd.state;
      await crowd.close();
      const counts = await Promise.all(calls.map((call) => call.end()));
      const kilobytes = Math.max(0, peak - before) / 1024 / CONNECTIONS;
      assert.ok(most > 0.9 * CONNECTIONS, `only ${most} are open`);
      for (const { sent, arrived } of counts) assert.equal(arrived, sent);
      assert.ok(kilobytes < kilobytesMax, `${kilobytes} KB for each`);
      assert.ok(slowest < SERVED_MS_MAX, `${slowest} ms`);
      context.diagnostic(
        `figure: hostile-slow: ${most} connections, ${does}, for ${SECONDS} s (${closed} begun anew): ` +
          `${kilobytes.toFixed(1)} KB of memory for each; calls over UDP, TCP and TLS lost 0 of ` +
          `${counts.reduce((sum, { sent }) => sum + sent, 0)} packets; newcomers over TCP, over TLS and to ` +
          `the API were served within ${slowest} ms`,
      );
    });
  }
};

describe('hostile: slow', slow);
