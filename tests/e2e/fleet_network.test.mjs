// Five regions on five continents, each a daemon in a network namespace of its own, as far from each other as
// light makes them.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, onEnd, runDaemon, suiteContext } from './daemon.mjs';
import { GEOIP_DATABASE } from './geoip.mjs';
import { LinkEmulator, isInNamespace } from './link_emulator.mjs';
import { drainUnderCall } from './redirection.mjs';
import { TurnClient } from './turn_client.mjs';

/** Place, and addresses of callers whose nearest region it is. */
const REGIONS = {
  europe: { lat: 50.1, lon: 8.7, callers: ['129.132.19.216', '131.111.150.25'] },
  america: { lat: 39.0, lon: -77.5, callers: ['18.9.22.69', '2001:4860:4860::8888'] },
  brazil: { lat: -23.5, lon: -46.6, callers: ['200.144.183.244', '157.92.1.1'] },
  africa: { lat: -26.2, lon: 28.0, callers: ['137.158.154.1'] },
  asia: { lat: 1.35, lon: 103.8, callers: ['155.69.1.1', '129.78.5.1'] },
};
const SLUGS = Object.keys(REGIONS);
/** Within which a dead region has to be gone. */
const DETECTED_MS = 5_000;
/** Light goes at 4/9 of its speed on the Internet. */
const KM_PER_MS = 133;
const GOSSIP_PORT = 7946;
const API_PORT = 8080;

const addressOf = (slug) => `10.77.${1 + SLUGS.indexOf(slug)}.1`;
const PLACES = {
  caller: ['10.77.0.1'],
  ...Object.fromEntries(SLUGS.map((slug) => [slug, [addressOf(slug)]])),
};

const distanceKm = (a, b) => {
  const radians = Math.PI / 180;
  const half = (degrees) => Math.sin((degrees * radians) / 2) ** 2;
  const curve = Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * half(b.lon - a.lon);
  return 2 * 6371 * Math.asin(Math.sqrt(half(b.lat - a.lat) + curve));
};
const delayMs = (a, b) => Math.round(distanceKm(REGIONS[a], REGIONS[b]) / KM_PER_MS);
const pairs = SLUGS.flatMap((a, index) => SLUGS.slice(index + 1).map((b) => [a, b]));

/** JSON is YAML. */
const regionsFile = (homes) =>
  JSON.stringify({
    regions: SLUGS.map((slug) => ({
      slug,
      country: 'DE',
      city: slug,
      name: slug,
      lat: REGIONS[slug].lat,
      lon: REGIONS[slug].lon,
      nodes: [
        {
          host: addressOf(slug),
          udp: 3478,
          gossip: `${addressOf(slug)}:${GOSSIP_PORT}`,
          public_key: homes[slug].public_key,
        },
      ],
    })),
  });

const fleet = () => {
  const suite = suiteContext();
  const homes = {};
  const daemons = {};
  let network;

  const start = async (slug) => {
    const address = addressOf(slug);
    daemons[slug] = await runDaemon(suite, homes[slug], {
      'node.region': slug,
      'node.gossip_address': `${address}:${GOSSIP_PORT}`,
      'node.geoip_file': GEOIP_DATABASE,
      'relay.listeners': [{ transport: 'udp', address: `${address}:3478` }],
      'api.address': `${address}:${API_PORT}`,
      'api.allow_plain_http': true,
    });
  };
  const ask = async (slug, target) => (await daemons[slug].ask('GET', `/api/v1/regions${target}`)).body;
  /** The regions that a node sees as operational. */
  const offeredBy = async (slug) =>
    (await ask(slug, '')).filter(({ is_operational }) => is_operational).map((region) => region.slug);
  /** Waits until each of the observers offers just these. */
  const untilOffered = async (observers, expected, within = DETECTED_MS) => {
    const begin = Date.now();
    for (;;) {
      const views = await Promise.all(observers.map(offeredBy));
      if (views.every((view) => view.join() === expected.join())) return Date.now() - begin;
      assert.ok(Date.now() < begin + within, `not within ${within} ms: ${JSON.stringify(views)}`);
      await sleep(50);
    }
  };
  const without = (...gone) => SLUGS.filter((slug) => !gone.includes(slug));

  before(async () => {
    network = await LinkEmulator.start(suite, PLACES);
    await network.set({ between: ['caller', '*'] }, { delay_ms: 1 });
    for (const [a, b] of pairs)
      await network.set({ between: [a, b] }, { delay_ms: delayMs(a, b), jitter_ms: 2 });
    for (const slug of SLUGS) {
      homes[slug] = { ...(await initialise(suite)), launcher: network.launcher(slug) };
    }
    for (const { directory } of Object.values(homes)) {
      await copyFile(path.join(homes.europe.directory, 'keys.json'), path.join(directory, 'keys.json'));
      await writeFile(path.join(directory, 'regions.yaml'), regionsFile(homes));
    }
    await Promise.all(SLUGS.map(start));
  });

  test('find each other', () => untilOffered(SLUGS, SLUGS, 10_000));

  test('measure how far apart they are', async () => {
    const deadline = Date.now() + 30_000;
    const isMeasured = ({ links }) =>
      links.length === pairs.length &&
      links.every(({ from, to, round_trip_ms }) => {
        const expected = 2 * delayMs(from, to);
        return round_trip_ms >= expected && round_trip_ms < 1.15 * expected + 15;
      });
    for (const slug of SLUGS) {
      let seen = await ask(slug, '/links');
      while (!isMeasured(seen) && Date.now() < deadline) {
        await sleep(200);
        seen = await ask(slug, '/links');
      }
      assert.ok(isMeasured(seen), `${slug}: ${JSON.stringify(seen.links)}`);
    }
  });

  for (const [slug, { callers }] of Object.entries(REGIONS)) {
    for (const caller of callers) {
      test(`send ${caller} to ${slug}, whichever is asked`, async () => {
        for (const asked of SLUGS) {
          const { status, body } = await daemons[asked].ask('POST', '/api/v1/credentials/ice', undefined, {
            'x-turn-client-ip': caller,
          });
          assert.equal(status, 200, JSON.stringify(body));
          assert.equal(body.region, slug);
        }
      });
    }
  }

  test('drain one under a call: nothing is lost, newcomers are sent to the next one', async (context) => {
    const drain = await drainUnderCall(context, daemons.europe, { place: addressOf('europe') });
    assert.deepEqual(drain.alternate, { address: addressOf('america'), port: 3478 });
    await drain.drained(() => untilOffered(SLUGS, without('europe'), 2_000));
    await drain.undrain();
    await untilOffered(SLUGS, SLUGS, 2_000);
  });

  test('drop one that is killed within 5 s, and take it back', async (context) => {
    await daemons.america.kill();
    const took = await untilOffered(without('america'), without('america'));
    context.diagnostic(`figure: a region that was killed is gone everywhere after ${took} ms`);
    const fixed = await daemons.europe.post('/api/v1/credentials/ice', { fixed_region: 'america' });
    assert.equal(fixed.status, 503);
    assert.ok(fixed.headers.get('retry-after'));
    const credential = await daemons.europe.credential({ preferred_region: 'america', ttl: 600 });
    assert.equal(credential.region, 'europe');
    const client = await TurnClient.connect(daemons.europe.server('udp', addressOf('europe')), credential);
    onEnd(context, () => client.close());
    assert.equal((await client.allocate()).errorCode, undefined);
    await start('america');
    await untilOffered(SLUGS, SLUGS);
  });

  test('say on the smaller side of a partition that they may be wrong, and come together', async () => {
    const few = ['europe', 'africa'];
    const many = without(...few);
    await network.cutApart(few, many);
    await Promise.all([untilOffered(few, few, 10_000), untilOffered(many, many, 10_000)]);
    for (const slug of SLUGS) {
      const isStale = few.includes(slug);
      assert.equal((await ask(slug, '/explain')).stale, isStale, slug);
      assert.equal((await daemons[slug].credential({ fixed_region: slug })).stale ?? false, isStale, slug);
    }
    await network.cutApart(few, many, 0);
    await untilOffered(SLUGS, SLUGS, 10_000);
    for (const slug of SLUGS) assert.equal((await ask(slug, '/links')).stale, false);
  });

  test('keep together while packets are lost, doubled and overtake each other', async () => {
    const weather = { loss: 0.05, duplicates: 0.02, reorder: 0.25 };
    for (const [a, b] of pairs) await network.set({ between: [a, b] }, weather);
    for (const end = Date.now() + 8_000; Date.now() < end;) {
      for (const slug of SLUGS) assert.deepEqual(await offeredBy(slug), SLUGS);
      await sleep(200);
    }
  });
};

if (isInNamespace(import.meta.url)) describe('a fleet on five continents', fleet);
