// Calls over bad links: no session is lost, and what reaches the relay leaves it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, suiteContext } from '../e2e/daemon.mjs';
import { isInNamespace } from '../e2e/link_emulator.mjs';
import { growth, readMetrics } from '../e2e/metrics.mjs';
import { startThreePlaces } from './three_places.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const SESSIONS = IS_FULL ? 20 : 4;
/** In full, all weathers together outlast what lives longest without a refresh but channels: permissions. */
const WEATHER_SECONDS = IS_FULL ? 65 : 0.5;
const UPKEEP_EVERY_MS = IS_FULL ? 5000 : 500;
const PACKET_EVERY_MS = 20;
/** Longer than any request, so that the links count nothing else. */
const PACKET = Buffer.alloc(1000);
const OVERHEAD_MAX = 0.0001;
/** Three quarters of what the sessions send in a direction. */
const SCARCE_KBPS = Math.round((0.75 * SESSIONS * (PACKET.length + 36) * 8) / PACKET_EVERY_MS);

/** The promise, what the links are like, and how that is called. */
const WEATHERS = [
  ['network-loss', { loss: 0.05 }, '5 % loss'],
  ['network-loss', { loss: 0.2 }, '20 % loss'],
  [
    'network-order',
    { delay_ms: 20, jitter_ms: 20, reorder: 0.25, duplicates: 0.1 },
    '25 % reordered and 10 % doubled',
  ],
  ['network-delay', { delay_ms: 200, jitter_ms: 200 }, '200 ms of delay and up to 200 ms of jitter'],
  ['network-delay', { delay_ms: 50, rate_kbps: SCARCE_KBPS }, 'three quarters of the rate that is sent'],
];

const badLinks = () => {
  const suite = suiteContext();
  const sessions = [];
  let places, atStart;

  const everybodyTalks = (context) => {
    const talk = setInterval(() => sessions.forEach((each) => each.say(PACKET)), PACKET_EVERY_MS);
    onEnd(context, () => clearInterval(talk));
    return () => clearInterval(talk);
  };
  const sumOf = (what) => sessions.reduce((sum, each) => sum + each[what], 0);
  const visit = async (context) => (await places.openSession(context)).client.refresh(0);
  /** In this weather everybody talks, all sessions are kept up, and one comes and goes. */
  const goThrough = async (context, conditions) => {
    const begin = Date.now();
    await places.weather(conditions);
    const stopTalking = everybodyTalks(context);
    const keepUp = async (session) => {
      do {
        await session.keepUp();
        await sleep(UPKEEP_EVERY_MS);
      } while (Date.now() - begin < WEATHER_SECONDS * 1000);
    };
    await Promise.all([visit(context), ...sessions.map(keepUp)]);
    stopTalking();
    await places.weather();
    await places.quiet();
    return Math.round((Date.now() - begin) / 1000);
  };

  before(async () => {
    places = await startThreePlaces(suite, { countedBytesMin: PACKET.length });
    while (sessions.length < SESSIONS) sessions.push(await places.openSession(suite));
    atStart = await readMetrics(places.daemon);
  });

  for (const [key, conditions, name] of WEATHERS) {
    test(`no session is lost at ${name}`, async (context) => {
      const start = { ...(await places.passages()), requests: sumOf('requests') };
      const seconds = await goThrough(context, conditions);
      const { reached, lost } = await places.passages();
      assert.equal((await readMetrics(places.daemon)).turnix_sessions, SESSIONS);
      context.diagnostic(
        `figure: ${key}: ${name}, ${seconds} s: ${SESSIONS} of ${SESSIONS} sessions live, after ` +
          `${sumOf('requests') - start.requests} requests (${sumOf('unanswered')} unanswered after seven ` +
          `transmissions, and made anew) and a newcomer; of ${reached - start.reached} datagrams that ` +
          `reached the relay it lost ${lost - start.lost}`,
      );
      for (const session of sessions) session.unanswered = 0;
    });
  }

  test('what reaches the relay leaves it', async (context) => {
    await goThrough(context, {});
    const { reached, lost } = await places.passages();
    const grew = growth(atStart, await readMetrics(places.daemon));
    const relayed = ['uplink', 'downlink'].map(
      (each) => grew[`turnix_relayed_packets_total{direction="${each}"}`],
    );
    assert.equal(relayed[0] + relayed[1], reached - lost);
    assert.ok(lost <= OVERHEAD_MAX * reached, `${lost} of ${reached}`);
    assert.equal(grew['turnix_sessions_ended_total{reason="client_released"}'], WEATHERS.length + 1);
    assert.equal(grew['turnix_sessions_ended_total{reason="lifetime_expired"}'], 0);
    context.diagnostic(
      `figure: network-overhead: of ${reached} datagrams that all these links delivered to the relay it ` +
        `sent on ${reached - lost}, as its own metrics say, too`,
    );
  });
};

const smallMtu = () => {
  const ROUNDS = IS_FULL ? 500 : 20;
  /** With the headers of channel and UDP over IPv4: within the MTU, just so, and in two fragments. */
  const SIZES = [160, 1248, 1249, 1400];

  test('everything passes an MTU of 1280, in fragments if need be', async (context) => {
    const places = await startThreePlaces(context, { mtu: 1280 });
    const session = await places.openSession(context);
    for (const size of SIZES) {
      session.echoes = 0;
      for (let round = 0; round < ROUNDS; ++round) {
        session.say(Buffer.alloc(size));
        await sleep(2);
      }
      await places.quiet();
      assert.equal(session.echoes, ROUNDS, `${size} bytes`);
    }
    context.diagnostic(
      `figure: network-mtu: MTU 1280: of ${ROUNDS} datagrams each of ${SIZES.join(', ')} bytes, to a peer ` +
        `and back, all arrived`,
    );
  });
};

if (isInNamespace(import.meta.url)) {
  describe('bad links', badLinks);
  describe('a small MTU', smallMtu);
}
