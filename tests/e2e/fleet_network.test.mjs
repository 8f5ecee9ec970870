// Five regions on five continents: whom they send where, and what they make of one that drains, dies or is
// hard to reach.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Continents, PAIRS, REGIONS, SLUGS, addressOf, delayMs, without } from './continents.mjs';
import { onEnd, suiteContext } from './daemon.mjs';
import { isInNamespace } from './link_emulator.mjs';
import { drainUnderCall } from './redirection.mjs';
import { TurnClient } from './turn_client.mjs';

const fleet = () => {
  const suite = suiteContext();
  let world;

  before(async () => {
    world = await Continents.start(suite);
  });

  test('find each other', () => world.untilOffered(SLUGS, SLUGS, 10_000));

  test('measure how far apart they are', async () => {
    const deadline = Date.now() + 30_000;
    const isMeasured = ({ links }) =>
      links.length === PAIRS.length &&
      links.every(({ from, to, round_trip_ms }) => {
        const expected = 2 * delayMs(from, to);
        return round_trip_ms >= expected && round_trip_ms < 1.15 * expected + 15;
      });
    for (const slug of SLUGS) {
      let seen = await world.ask(slug, '/links');
      while (!isMeasured(seen) && Date.now() < deadline) {
        await sleep(200);
        seen = await world.ask(slug, '/links');
      }
      assert.ok(isMeasured(seen), `${slug}: ${JSON.stringify(seen.links)}`);
    }
  });

  for (const [slug, { callers }] of Object.entries(REGIONS)) {
    for (const caller of callers) {
      test(`send ${caller} to ${slug}, whichever is asked`, async () => {
        for (const asked of SLUGS) assert.equal(await world.regionFor(caller, asked), slug);
      });
    }
  }

  test('drain one under a call: nothing is lost, newcomers are sent to the next one', async (context) => {
    const drain = await drainUnderCall(context, world.daemons.europe, { place: addressOf('europe') });
    assert.deepEqual(drain.alternate, { address: addressOf('america'), port: 3478 });
    await drain.drained(() => world.untilOffered(SLUGS, without('europe'), 2_000));
    await drain.undrain();
    await world.untilOffered(SLUGS, SLUGS, 2_000);
  });

  test('drop one that is killed within 5 s, and take it back', async (context) => {
    const { daemons } = world;
    await daemons.america.kill();
    const took = await world.untilOffered(without('america'), without('america'));
    context.diagnostic(`figure: fleet-detection: who is killed is offered nowhere after ${took} ms`);
    const fixed = await daemons.europe.post('/api/v1/credentials/ice', { fixed_region: 'america' });
    assert.equal(fixed.status, 503);
    assert.ok(fixed.headers.get('retry-after'));
    const credential = await daemons.europe.credential({ preferred_region: 'america', ttl: 600 });
    assert.equal(credential.region, 'europe');
    const client = await TurnClient.connect(daemons.europe.server('udp', addressOf('europe')), credential);
    onEnd(context, () => client.close());
    assert.equal((await client.allocate()).errorCode, undefined);
    await world.startRegion('america');
    await world.untilOffered(SLUGS, SLUGS);
  });

  test('keep together while packets are lost, doubled and overtake each other', async () => {
    const weather = { loss: 0.05, duplicates: 0.02, reorder: 0.25 };
    for (const [a, b] of PAIRS) await world.network.set({ between: [a, b] }, weather);
    for (const end = Date.now() + 8_000; Date.now() < end;) {
      for (const slug of SLUGS) assert.deepEqual(await world.offeredBy(slug), SLUGS);
      await sleep(200);
    }
  });
};

if (isInNamespace(import.meta.url)) describe('a fleet on five continents', fleet);
