// A flood of requests from forged sources, as fast as one core writes them: it makes no session, takes no
// memory, and costs those who are in a call next to nothing.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { startNumberedCall } from '../e2e/calls.mjs';
import { startDaemon } from '../e2e/daemon.mjs';
import { isInNamespace } from '../e2e/link_emulator.mjs';
import { growth, readMetrics } from '../e2e/metrics.mjs';
import { ATTRIBUTE, CLASS, METHOD, encode } from '../e2e/stun_message.mjs';
import { Wire, udpPacket } from './wire.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const SECONDS = IS_FULL ? 10 : 3;
const CALLS = 20;
/** Written over and over; no source twice. */
const PACKETS = 20_000;
const NODE = { address: '10.79.0.1', port: 3478 };
const MEMORY_BYTES_MAX = 10 * 1024 * 1024;
/** In three seconds one pause of the machine is more than the promise allows in ten. */
const LOSS_MAX = IS_FULL ? 0.001 : 0.01;

const request = (method, attributes, key) =>
  encode({ method, class: CLASS.request, attributes, key }).message;
const UDP_TRANSPORT = [ATTRIBUTE.requestedTransport, Buffer.from([17, 0, 0, 0])];
const forgedIdentity = (nonce) => [
  [ATTRIBUTE.username, randomBytes(330).toString('base64url')],
  [ATTRIBUTE.realm, 'turnix'],
  [ATTRIBUTE.nonce, nonce],
];

/** What a packet of the flood says. */
const KINDS = [
  () => request(METHOD.binding),
  () => request(METHOD.allocate, [UDP_TRANSPORT]),
  () => request(METHOD.allocate, [UDP_TRANSPORT, ...forgedIdentity('obMatJos2forged')], randomBytes(16)),
  () => request(METHOD.refresh, forgedIdentity(randomBytes(30).toString('base64')), randomBytes(16)),
];

const forgedSource = () => ({
  address: [randomInt(11, 224), randomInt(256), randomInt(256), randomInt(1, 255)].join('.'),
  port: randomInt(1024, 65536),
});

const makeFlood = () =>
  Array.from({ length: PACKETS }, (_, index) =>
    udpPacket({ from: forgedSource(), to: NODE, payload: KINDS[index % KINDS.length]() }),
  );

const flooded = () =>
  test('a flood from forged sources', async (context) => {
    const wire = await Wire.start(context, [NODE.address]);
    const daemon = await startDaemon(context, {
      'relay.listeners': [{ transport: 'udp', address: `${NODE.address}:${NODE.port}` }],
    });
    const server = daemon.server('udp', NODE.address);
    const calls = [];
    while (calls.length < CALLS)
      calls.push(await startNumberedCall(context, server, await daemon.credential()));

    const before = await readMetrics(daemon);
    const packets = await wire.flood(makeFlood(), SECONDS);
    const after = await readMetrics(daemon);
    const ends = await Promise.all(calls.map((call) => call.end()));
    const grew = growth(before, after);
    const sent = ends.reduce((sum, each) => sum + each.sent, 0);
    const lost = sent - ends.reduce((sum, each) => sum + each.arrived, 0);
    const answered = grew['turnix_datagrams_total{event="sent"}'];
    const megabytes = grew.process_resident_memory_bytes / 1024 / 1024;
    context.diagnostic(
      `figure: hostile-flood: ${packets} datagrams from ${PACKETS} forged sources in ${SECONDS} s ` +
        `(${Math.round(packets / SECONDS / 1000)},000 a second), ${answered} datagrams sent: ` +
        `${megabytes.toFixed(1)} MB more memory, no session; ${CALLS} calls lost ${lost} of ${sent} packets`,
    );
    assert.ok(packets > 1000 * SECONDS, `${packets} datagrams are no flood`);
    assert.equal(grew.turnix_sessions, 0);
    assert.ok(grew.process_resident_memory_bytes < MEMORY_BYTES_MAX, `${megabytes} MB`);
    assert.ok(lost <= LOSS_MAX * sent, `${lost} of ${sent} lost`);
  });

if (isInNamespace(import.meta.url)) describe('hostile: flood', flooded);
