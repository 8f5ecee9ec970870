// Which region well-known addresses get, by the free database of countries that `./dev geoip` fetches.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { initialise, runCommand, runDaemon, suiteContext, turnixd } from './daemon.mjs';
import { GEOIP_DATABASE } from './geoip.mjs';

const FETCH = fileURLToPath(new URL('../../packaging/geoip/fetch-geoip.sh', import.meta.url));

/** Universities, mostly: their networks have not moved for decades. Regions are those of regions.yaml. */
const NEAREST = [
  // North America
  ['18.9.22.69', 'Cambridge, Massachusetts', 'us-central'],
  ['128.112.132.86', 'Princeton', 'us-central'],
  ['171.64.0.1', 'Stanford', 'us-central'],
  ['8.8.8.8', 'a public resolver of the United States', 'us-central'],
  ['2001:4860:4860::8888', 'the same over IPv6', 'us-central'],
  ['132.248.10.44', 'Mexico City', 'us-central'],
  // South America
  ['200.144.183.244', 'São Paulo', 'sa-east'],
  ['143.106.10.150', 'Campinas', 'sa-east'],
  ['146.83.5.1', 'Santiago', 'sa-west'],
  ['157.92.1.1', 'Buenos Aires', 'sa-west'],
  // Europe
  ['129.132.19.216', 'Zurich', 'eu-central'],
  ['130.149.7.201', 'Berlin', 'eu-central'],
  ['2001:638::1', 'the research network of Germany', 'eu-central'],
  ['195.113.0.1', 'Prague', 'eu-central'],
  ['131.111.150.25', 'Cambridge, England', 'eu-west'],
  ['2001:630::1', 'the research network of the United Kingdom', 'eu-west'],
  ['129.16.0.1', 'Gothenburg', 'eu-north'],
  ['147.96.1.1', 'Madrid', 'eu-south'],
  // Africa
  ['137.158.154.1', 'Cape Town', 'af-south'],
  ['196.24.0.1', 'South Africa', 'af-south'],
  ['197.211.53.1', 'Lagos', 'af-west'],
  // Asia
  ['195.229.1.1', 'Dubai', 'me-central'],
  ['14.139.45.1', 'New Delhi', 'ap-south'],
  ['202.141.80.1', 'Guwahati', 'ap-south'],
  ['155.69.1.1', 'Singapore', 'ap-southeast'],
  ['133.11.0.1', 'Tokyo', 'ap-northeast'],
  ['143.248.1.1', 'Daejeon', 'ap-northeast'],
  // Oceania
  ['129.78.5.1', 'Sydney', 'oc-east'],
  ['128.250.1.1', 'Melbourne', 'oc-east'],
  ['130.216.1.1', 'Auckland', 'oc-nz'],
];

/** The sample regions as a fleet without gossip has them: all are offered but the one at no place. */
const offerSampleRegions = async ({ directory }) => {
  const file = path.join(directory, 'regions.yaml');
  const regions = (await readFile(file, 'utf8')).split(/^(?= {2}- slug: )/m);
  const offered = regions.map((region) =>
    region.startsWith('  - slug: local')
      ? region
      : region.replace('    nodes:', '    assume_online: true\n$&'),
  );
  await writeFile(file, offered.join(''));
};

describe('the nearest region, by the country of an address', () => {
  const suite = suiteContext();
  let daemon;
  before(async () => {
    const home = await initialise(suite);
    await offerSampleRegions(home);
    daemon = await runDaemon(suite, home, {
      'node.region': 'eu-central',
      'node.geoip_file': GEOIP_DATABASE,
    });
  });

  for (const [address, place, expected] of NEAREST) {
    test(`${expected} for ${address}, ${place}`, async () => {
      const { status, body } = await daemon.ask('POST', '/api/v1/credentials/ice', undefined, {
        'x-turn-client-ip': address,
      });
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.region, expected);
    });
  }
});

test('the set-up helper puts a database into its place that the daemon takes', async (context) => {
  const { directory, config } = await initialise(context);
  const file = path.join(directory, 'geoip.mmdb');
  const fetched = await runCommand(FETCH, [file]);
  assert.equal(fetched.code, 0, fetched.stderr);
  assert.match(fetched.stdout, /CC BY 4\.0/);
  assert.deepEqual((await readdir(directory)).filter((name) => name.includes('geoip')), ['geoip.mmdb']);
  const checked = await turnixd('check', '--config', config, '--set', `node.geoip_file="${file}"`);
  assert.equal(checked.code, 0, checked.stderr);
});
