// The compatibility tier, as the SDKs in the wild use it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { startDaemon, suiteContext } from './daemon.mjs';
import {
  assertIceServers,
  assertUtcMilliseconds,
  readAsDart,
  replay,
  requestAsJavaScript,
} from './sdk.mjs';
import { TurnClient } from './turn_client.mjs';

const fixture = (name) => readFile(new URL(`fixtures/${name}`, import.meta.url), 'latin1');
const secondsUntil = (text) => (Date.parse(text) - Date.now()) / 1000;

describe('the SDKs of the hosted product work unmodified', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  test('the recorded request of the JavaScript SDK', async () => {
    const answer = await replay(await fixture('javascript_sdk.http'), daemon);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    const body = JSON.parse(answer.body);
    assertIceServers(body.iceServers);
    assert.equal(body.ttl, 60);
  });

  test('the recorded request of the Dart SDK', async () => {
    const body = readAsDart(await replay(await fixture('dart_sdk.http'), daemon));
    assert.equal(body.ttl, 120);
    assert.ok(Math.abs(secondsUntil(body.expiresAt) - 120) < 5);
  });

  test('without ttl, expiresAt is 30 seconds ahead; an empty body typed as JSON is enough', async () => {
    const { status, body } = await daemon.post('/api/v1/credentials/ice', '');
    assert.equal(status, 200);
    assertUtcMilliseconds(body.expiresAt);
    assert.equal(body.ttl, 30);
    assert.ok(Math.abs(secondsUntil(body.expiresAt) - 30) < 5);
  });

  test('the URLs are those of the listeners, STUN without credentials', async () => {
    const servers = await requestAsJavaScript({
      apiUrl: `${daemon.api}/api/v1/credentials/ice`,
      token: daemon.token,
    });
    const [stun, turn] = servers;
    const port = (transport) => daemon.server(transport).port;
    assert.deepEqual(stun, { urls: [`stun:127.0.0.1:${port('udp')}`] });
    assert.deepEqual(turn.urls, [
      `turn:127.0.0.1:${port('udp')}?transport=udp`,
      `turn:127.0.0.1:${port('tcp')}?transport=tcp`,
      `turns:127.0.0.1:${port('tls')}?transport=tcp`,
    ]);
  });

  for (const transport of ['udp', 'tcp', 'tls']) {
    test(`the returned credential allocates over ${transport}`, async () => {
      const client = await TurnClient.connect(daemon.server(transport), await daemon.credential());
      try {
        const answer = await client.allocate();
        assert.equal(answer.errorCode, undefined);
        assert.equal(answer.relayed.address, '127.0.0.1');
      } finally {
        client.close();
      }
    });
  }

  test('a browser can list the regions', async () => {
    const response = await fetch(`${daemon.api}/api/v1/regions`, {
      headers: { authorization: `Bearer ${daemon.token}`, accept: 'application/json' },
    });
    assert.equal(response.status, 200);
    const regions = await response.json();
    assert.ok(regions.length >= 12);
    for (const region of regions) {
      for (const field of ['slug', 'nat2', 'city', 'name'])
        assert.equal(typeof region[field], 'string', field);
      for (const field of ['lat', 'lon']) assert.equal(typeof region[field], 'number', field);
      for (const field of ['is_online', 'is_operational'])
        assert.equal(typeof region[field], 'boolean', field);
      assert.match(region.nat2, /^[A-Z]{2}$/);
    }
    assert.ok(regions.some((region) => region.is_operational));
  });
});
