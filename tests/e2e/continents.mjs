// Five regions on five continents, each a daemon in a network namespace of its own, as far from each other as
// light makes them. They are nodes of one organisation, without any database between them.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, runDaemon } from './daemon.mjs';
import { GEOIP_DATABASE } from './geoip.mjs';
import { LinkEmulator } from './link_emulator.mjs';

/** Place, and addresses of callers whose nearest region it is. */
export const REGIONS = {
  europe: { lat: 50.1, lon: 8.7, callers: ['129.132.19.216', '131.111.150.25'] },
  america: { lat: 39.0, lon: -77.5, callers: ['18.9.22.69', '2001:4860:4860::8888'] },
  brazil: { lat: -23.5, lon: -46.6, callers: ['200.144.183.244', '157.92.1.1'] },
  africa: { lat: -26.2, lon: 28.0, callers: ['137.158.154.1'] },
  asia: { lat: 1.35, lon: 103.8, callers: ['155.69.1.1', '129.78.5.1'] },
};
export const SLUGS = Object.keys(REGIONS);
/** Within which a dead region has to be gone. */
export const DETECTED_MS = 5_000;
/** Light goes at 4/9 of its speed on the Internet. */
const KM_PER_MS = 133;
const GOSSIP_PORT = 7946;
const API_PORT = 8080;

export const addressOf = (slug) => `10.77.${1 + SLUGS.indexOf(slug)}.1`;
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
export const delayMs = (a, b) => Math.round(distanceKm(REGIONS[a], REGIONS[b]) / KM_PER_MS);
export const PAIRS = SLUGS.flatMap((a, index) => SLUGS.slice(index + 1).map((b) => [a, b]));
export const without = (...gone) => SLUGS.filter((slug) => !gone.includes(slug));

/** Waits until it holds: after how many milliseconds it did. */
export const untilHolds = async (what, holds, within) => {
  const begin = Date.now();
  while (!(await holds())) {
    assert.ok(Date.now() < begin + within, `${what}: not within ${within} ms`);
    await sleep(50);
  }
  return Date.now() - begin;
};

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

export class Continents {
  network;
  homes = {};
  daemons = {};
  #suite;

  /** The first region has made the organisation; all take its token. */
  static async start(suite) {
    const made = new Continents();
    made.#suite = suite;
    made.network = await LinkEmulator.start(suite, PLACES);
    await made.network.set({ between: ['caller', '*'] }, { delay_ms: 1 });
    for (const [a, b] of PAIRS)
      await made.network.set({ between: [a, b] }, { delay_ms: delayMs(a, b), jitter_ms: 2 });
    await made.#initialise();
    await Promise.all(SLUGS.map((slug) => made.startRegion(slug)));
    await untilHolds('all take the token', () => made.#isAdmittedEverywhere(), 10_000);
    return made;
  }

  async #initialise() {
    const [first] = SLUGS;
    const keysOf = (slug) => path.join(this.homes[slug].directory, 'keys.json');
    for (const slug of SLUGS) {
      const options = slug === first ? [] : ['--join', keysOf(first)];
      this.homes[slug] = await initialise(this.#suite, ...options);
      this.homes[slug].launcher = this.network.launcher(slug);
      this.homes[slug].token ??= this.homes[first].token;
      if (slug !== first) await copyFile(keysOf(first), keysOf(slug));
    }
    for (const { directory } of Object.values(this.homes))
      await writeFile(path.join(directory, 'regions.yaml'), regionsFile(this.homes));
  }

  async #isAdmittedEverywhere() {
    const answers = await Promise.all(SLUGS.map((slug) => this.daemons[slug].ask('GET', '/api/v1/regions')));
    return answers.every(({ status }) => status === 200);
  }

  async startRegion(slug) {
    const address = addressOf(slug);
    this.daemons[slug] = await runDaemon(this.#suite, this.homes[slug], {
      'node.region': slug,
      'node.gossip_address': `${address}:${GOSSIP_PORT}`,
      'node.geoip_file': GEOIP_DATABASE,
      'relay.listeners': [{ transport: 'udp', address: `${address}:3478` }],
      'api.address': `${address}:${API_PORT}`,
      'api.allow_plain_http': true,
    });
  }

  /** Of the resource `regions`. */
  async ask(slug, target) {
    return (await this.daemons[slug].ask('GET', `/api/v1/regions${target}`)).body;
  }

  /** The region that the asked node sends a caller of this address to. */
  async regionFor(caller, asked) {
    const { status, body } = await this.daemons[asked].ask('POST', '/api/v1/credentials/ice', undefined, {
      'x-turn-client-ip': caller,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return body.region;
  }

  /** The regions that a node sees as operational. */
  async offeredBy(slug) {
    return (await this.ask(slug, ''))
      .filter(({ is_operational }) => is_operational)
      .map((region) => region.slug);
  }

  /** Waits until each of the observers offers just these: after how many milliseconds they did. */
  async untilOffered(observers, expected, within = DETECTED_MS) {
    let views = [];
    const agree = async () => {
      views = await Promise.all(observers.map((slug) => this.offeredBy(slug)));
      return views.every((view) => view.join() === expected.join());
    };
    return untilHolds(`${observers} offer ${expected}`, agree, within).catch((fault) => {
      throw new Error(`${fault.message}: ${JSON.stringify(views)}`);
    });
  }
}
