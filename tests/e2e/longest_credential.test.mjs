// The longest credential that there is: a real browser takes its username as it is, and calls with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, openTwoPages, sendNumbers } from './chromium.mjs';
import { startDaemon, temporaryDirectory } from './daemon.mjs';

const MESSAGES = 100;
/** RFC 8489 §14.3: a username is shorter than this. */
const USERNAME_BYTES_MAX = 509;

const LONGEST = {
  room: 'r'.repeat(100),
  initiator_client: 'a'.repeat(100),
  receiver_client: 'b'.repeat(100),
  ttl: 172_800,
  limits: { max_bitrate_bps: 1e12, max_packets_per_second: 1e9, max_bytes: 2 ** 50, max_allocations: 1000 },
  allowed_client_ip: '127.0.0.1',
  peer_scope: 'room',
  on_expiry: 'disconnect',
  transports: ['udp'],
};

test('the longest credential is one that a browser calls with', async (context) => {
  const daemon = await startDaemon(context);
  const { iceServers, username } = await daemon.credential(LONGEST);
  assert.ok(username.length < USERNAME_BYTES_MAX, `${username.length} characters`);
  assert.ok(username.length > 0.85 * USERNAME_BYTES_MAX, `only ${username.length} characters`);
  const overUdp = iceServers
    .map((server) => ({ ...server, urls: server.urls.filter((url) => /^turn:.*udp$/.test(url)) }))
    .filter(({ urls }) => urls.length > 0);
  const pages = await openTwoPages(context, await temporaryDirectory(context));
  await call(pages, overUdp);
  assert.deepEqual(await sendNumbers(pages, MESSAGES), { count: MESSAGES, inOrder: true });
});
