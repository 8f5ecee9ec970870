// Allocations that are opened and closed by the ten thousand leave nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, runDaemon } from '../e2e/daemon.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { MEGABYTE, processFigures, query } from './process.mjs';

const ALLOCATIONS = process.env.TURNIX_PROVE_SCALE === 'full' ? 100_000 : 10_000;
/** Few enough that a port kept each time would soon be missed. */
const PORTS = { 'relay.ports.first': 56_000, 'relay.ports.last': 56_299 };
const CLIENTS = 8;
/** Then a client goes, and another comes on a socket of its own. */
const ROUNDS_A_SOCKET = 50;
const SETTLE_MS = 3_000;
const GROWTH_MAX = 8 * MEGABYTE;

/** Allocates and lets go of it, that many times in all. */
const churn = async (daemon, total) => {
  let left = total;
  const credential = await daemon.credential({ ttl: 3600 });
  const work = async (transport) => {
    while (left > 0) {
      const client = await TurnClient.connect(daemon.server(transport), credential);
      for (let round = 0; round < ROUNDS_A_SOCKET && left > 0; ++round) {
        --left;
        const { errorCode, relayed } = await client.allocate();
        assert.equal(errorCode, undefined);
        if (round % 10 === 0) await client.createPermission(relayed);
        if (round !== ROUNDS_A_SOCKET - 1 || transport === 'udp') await client.refresh(0);
      }
      client.close(); // the last allocation of a TCP client ends with its connection
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => work(index % 2 === 0 ? 'udp' : 'tcp')));
};

test(`${ALLOCATIONS} allocations leave nothing`, { timeout: 1_200_000 }, async (context) => {
  const home = await initialise(context);
  const daemon = await runDaemon(context, home, PORTS);
  const settled = async () => {
    await daemon.until(async () => ((await processFigures(daemon)).sessions === 0 ? true : undefined));
    await sleep(SETTLE_MS);
    return processFigures(daemon);
  };
  const warmUp = ALLOCATIONS / 5;
  await churn(daemon, warmUp);
  const before = await settled();
  const since = performance.now();
  await churn(daemon, ALLOCATIONS);
  const seconds = (performance.now() - since) / 1000;
  const now = await settled();
  const growth = now.residentBytes - before.residentBytes;
  // A connection to the API that the client keeps is its own to close.
  assert.ok(now.descriptors <= before.descriptors, `${now.descriptors} > ${before.descriptors}`);
  assert.ok(growth < GROWTH_MAX, `${growth} bytes`);
  await daemon.stop();
  const [{ count }] = await query(home, 'SELECT count(ended_at_ms) AS count FROM sessions');
  assert.equal(count, ALLOCATIONS + warmUp);
  context.diagnostic(
    `figure: churn-allocations: ${ALLOCATIONS} over UDP and TCP in ${seconds.toFixed(0)} s on 300 ports, ` +
      `none refused, each recorded once: ports free again, ${before.descriptors} descriptors before and ` +
      `${now.descriptors} after, RSS ` +
      `${(before.residentBytes / MEGABYTE).toFixed(1)} MB ${growth < 0 ? '-' : '+'} ` +
      `${(Math.abs(growth) / MEGABYTE).toFixed(1)} MB after ${warmUp} to warm up`,
  );
});
