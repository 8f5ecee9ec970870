// A daemon one of whose allocations fails after the other, whatever it is for, alone and in a row: what needs
// it is refused, who is served stays served, and with memory again all is as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise } from '../e2e/daemon.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { startCall } from './call.mjs';
import { runWithFailingAllocations } from './failing_allocations.mjs';
import { processFigures } from './process.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
/** Of the allocations of a step so many fail; in full all of them. */
const FAILURES_PER_STEP = IS_FULL ? Infinity : 8;
/** So many in a row. */
const RUNS = [1, 20];
const ANSWER_MS = 10_000;
/** An Allocate that had no answer is sent again after half a second, over UDP. */
const RELAY_PATIENCE_MS = 1_200;
const SETTINGS = {
  'relay.limits.unauthenticated_per_second': 65_535,
  'relay.limits.unauthenticated_net_per_second': 65_535,
  'relay.limits.unauthenticated_burst': 65_535,
  'api.limits.requests_per_second_per_token': 10_000,
  'api.limits.requests_burst_per_token': 10_000,
};
/** As browsers do: the first try of each. */
const TRANSPORTS = ['udp', 'tcp', 'tls'];

/** What is asked of a daemon, and how it was answered: {status} by the API, {errorCode} by the relay. */
const STEPS = {
  'issue a credential': ({ daemon }) => daemon.post('/api/v1/credentials/ice', { room: 'a' }),
  'create a token': ({ daemon }) => daemon.post('/api/v1/tokens', { name: 'a', scopes: ['ice:issue'] }),
  'list sessions on a new connection': ({ daemon }) =>
    daemon.ask('GET', '/api/v1/sessions', undefined, { connection: 'close' }),
  'list regions': ({ daemon }) => daemon.ask('GET', '/api/v1/regions'),
  'read metrics': async ({ daemon }) => {
    const answer = await fetch(`${daemon.status}/metrics`, { headers: { connection: 'close' } });
    await answer.text();
    return answer;
  },
  'listen to events': async ({ daemon }) => {
    const headers = { authorization: `Bearer ${daemon.token}` };
    const answer = await fetch(`${daemon.api}/api/v1/events`, { headers });
    const reader = answer.body.getReader();
    await reader.read();
    await reader.cancel();
    return answer;
  },
  ...Object.fromEntries(
    TRANSPORTS.map((transport) => [`allocate over ${transport}`, (at) => allocateAndRelease(at, transport)]),
  ),
};

const allocateAndRelease = async ({ daemon, credential, allocations }, transport) => {
  const patienceMs = RELAY_PATIENCE_MS;
  const client = await TurnClient.connect(daemon.server(transport), credential, { patienceMs });
  try {
    const { errorCode, relayed } = await client.allocate();
    if (errorCode !== undefined) return { errorCode };
    const { errorCode: refusal } = await client.createPermission(relayed);
    if (refusal !== undefined) return { errorCode: refusal };
    return await client.channelBind(0x4000, relayed);
  } finally {
    await allocations.succeed();
    await client.refresh(0).catch(() => {}); // a connection that was closed has released it
    client.close();
  }
};

/** 'served', 'refused' for want of memory, or 'unanswered': its connection ended, or silence at the relay. */
const outcomeOf = async (step, at) => {
  const tooLate = sleep(ANSWER_MS, undefined, { ref: false }).then(() =>
    assert.fail('there was neither an answer nor the end of the connection'),
  );
  try {
    const { status = 200, errorCode } = await Promise.race([step(at), tooLate]);
    if (status < 300 && errorCode === undefined) return 'served';
    assert.ok(status === 503 || errorCode === 508, `${status} ${errorCode}`);
    return 'refused';
  } catch (fault) {
    if (['ERR_ASSERTION', 'ECONNREFUSED'].includes(fault.cause?.code ?? fault.code)) throw fault;
    return 'unanswered';
  }
};

/** How many allocations a step needs, what is at work besides included. */
const allocationsOf = async (step, at) => {
  const counts = [];
  for (let tries = 0; tries < 3; ++tries) {
    const before = await at.allocations.asked();
    assert.equal(await outcomeOf(step, at), 'served');
    counts.push((await at.allocations.asked()) - before);
  }
  return Math.max(...counts);
};

test('whichever allocation fails, it costs its request', { timeout: 900_000 }, async (context) => {
  const at = await runWithFailingAllocations(context, await initialise(context), SETTINGS);
  const { daemon, allocations } = at;
  at.credential = await daemon.credential({ ttl: 3600 });
  const calls = [];
  // A datagram that memory fails for is lost, as others on their way: the call goes on.
  for (const transport of TRANSPORTS) calls.push(await startCall(context, daemon, transport, Infinity));
  const tally = { served: 0, refused: 0, unanswered: 0 };
  let tried = 0;
  for (const [name, step] of Object.entries(STEPS)) {
    const needed = await allocationsOf(step, at);
    const stride = Math.max(1, Math.ceil((needed * RUNS.length) / FAILURES_PER_STEP));
    for (const run of RUNS) {
      for (let nth = 1; nth <= needed; nth += stride, ++tried) {
        await allocations.fail(nth, run);
        const outcome = await outcomeOf(step, at).catch((fault) => {
          throw new Error(`${name}, allocation ${nth} of ${needed}, ${run} in a row: ${fault}`);
        });
        await allocations.succeed();
        ++tally[outcome];
      }
    }
    assert.equal(await outcomeOf(step, at), 'served', name);
  }
  const failed = await allocations.failed();
  const sessions = await daemon.until(async () => {
    const figures = await processFigures(daemon);
    return figures.sessions === calls.length ? figures.sessions : undefined;
  });
  const heard = { datagrams: 0, lost: 0 };
  for (const each of calls) {
    const { datagrams, lost } = await each.stop();
    heard.datagrams += datagrams;
    heard.lost += lost;
  }
  const { code, lastEvent } = await daemon.stop();
  const { served, refused, unanswered } = tally;
  context.diagnostic(
    `figure: resource-memory: a daemon with ${sessions} calls: ${failed} allocations failed at ` +
      `${tried} requests of ${Object.keys(STEPS).length} kinds: ` +
      `${served} served, ${refused} refused with 503 or 508, ` +
      `${unanswered} not answered or closed, all served afterwards; none of the calls ended, ` +
      `of their ${heard.datagrams + heard.lost} datagrams ${heard.lost} were lost or late`,
  );
  assert.equal(code, 0);
  assert.equal(lastEvent.event, 'stopped');
});
