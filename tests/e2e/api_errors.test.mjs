// Every refusal of the credential API has its status, its stable code and the field it is about.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startDaemon, suiteContext, turnixd } from './daemon.mjs';

const CREDENTIALS = '/api/v1/credentials/ice';

const assertError = (answer, status, code, param) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  const { error } = answer.body;
  assert.equal(error.code, code);
  assert.equal(error.param ?? undefined, param);
  assert.ok(error.message.length > 0);
  assert.ok(error.request_id.length > 0);
};

describe('the credential API refuses', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  const CASES = [
    ['a room of 101 characters', { room: 'r'.repeat(101) }, 422, 'field_invalid', 'room'],
    ['a room with a space', { room: 'a room' }, 422, 'field_invalid', 'room'],
    ['a ttl of 0', { ttl: 0 }, 422, 'field_invalid', 'ttl'],
    ['a ttl that is no number', { ttl: 'soon' }, 422, 'field_invalid', 'ttl'],
    [
      'a fixed region that does not exist',
      { fixed_region: 'atlantis' },
      422,
      'unknown_region',
      'fixed_region',
    ],
    ['a malformed body', '{"room":', 400, 'malformed', undefined],
  ];
  for (const [what, body, status, code, param] of CASES) {
    test(what, async () => assertError(await daemon.post(CREDENTIALS, body), status, code, param));
  }

  test('a fixed region that is down, with the time to come back', async () => {
    const response = await fetch(`${daemon.api}/api/v1/regions`, {
      headers: { authorization: `Bearer ${daemon.token}` },
    });
    const down = (await response.json()).find((region) => !region.is_operational);
    const answer = await daemon.post(CREDENTIALS, { fixed_region: down.slug });
    assertError(answer, 503, 'region_unavailable', 'fixed_region');
    assert.match(answer.headers.get('retry-after'), /^\d+$/);
    assert.equal((await daemon.post(CREDENTIALS, { preferred_region: down.slug })).status, 200);
  });

  test('a request without a token, and one with a wrong token', async () => {
    for (const authorization of ['', 'Bearer tnx_wrong']) {
      const answer = await daemon.post(CREDENTIALS, {}, { authorization });
      assertError(answer, 401, 'unauthorized', undefined);
      assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
    }
  });

  test('a token from the moment it is revoked', async () => {
    const created = await turnixd('token', 'create', '--config', daemon.config, '--json');
    assert.equal(created.code, 0, created.stderr);
    const { id, token } = JSON.parse(created.stdout);
    const authorization = `Bearer ${token}`;
    assert.equal((await daemon.post(CREDENTIALS, {}, { authorization })).status, 200);
    const revoked = await turnixd('token', 'revoke', '--config', daemon.config, id);
    assert.equal(revoked.code, 0, revoked.stderr);
    assertError(await daemon.post(CREDENTIALS, {}, { authorization }), 401, 'unauthorized', undefined);
  });
});
