// Whatever is asked of any route, the answer is one that api/openapi.yaml describes, and no fault of ours.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { RequestMaker, randomSource } from './api_requests.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

const REQUESTS_PER_OPERATION = 150;
const SEED = Number(process.env.TURNIX_SEED ?? 20260106);
/** 503 says that a region is down, or the database: the one can be asked for, the other must not happen. */
const MAY_BE_UNAVAILABLE = '/api/v1/credentials/ice';

describe(`random requests, seed ${SEED}`, () => {
  let daemon;
  let maker;
  let ajv;
  const suite = suiteContext();

  const ask = (url, options = {}) =>
    fetch(daemon.api + url, {
      ...options,
      headers: { authorization: `Bearer ${daemon.token}`, ...options.headers },
    });

  before(async () => {
    daemon = await startDaemon(suite, {
      'api.limits.requests_per_second_per_token': 100_000,
      'api.limits.requests_burst_per_token': 1_000_000,
    });
    const served = await ask('/api/v1/openapi.json');
    assert.equal(served.status, 200);
    const document = await served.json();
    maker = new RequestMaker(document, randomSource(SEED));
    ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'openapi');
  });

  /** Values for path parameters: things that are there, and that may be lost. */
  const knownThings = async () => {
    // What was asked before may have drained the node.
    await daemon.ask('PATCH', '/api/v1/regions/local', { is_operational: true });
    const token = await daemon.post('/api/v1/tokens', { name: 'lost', scopes: ['ice:issue'] });
    const hook = await daemon.post('/api/v1/webhooks', {
      url: 'https://hooks.example',
      events: ['session.ended'],
    });
    const { credential_id: credential } = await daemon.credential({ room: 't1', initiator_client: 't2' });
    return {
      id: [...[token, hook].flatMap(({ body }) => body.id ?? []), credential],
      delivery: ['0'.repeat(32)],
      project: ['default', 't1', 't2'],
      room: ['t1'],
      client: ['t2'],
      slug: ['local'],
    };
  };

  const schemaOf = (operation, status) => {
    const described = operation.responses[status];
    assert.ok(described, `${status} is not described`);
    const pointer = described.$ref?.slice(1) ?? `${operation.pointer}/${status}`;
    const { content } = maker.resolve(described);
    return content?.['application/json']
      ? `openapi#${pointer}/content/application~1json/schema`
      : undefined;
  };

  const check = async (operation, { url, options }) => {
    const answer = await ask(url, options);
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    if (isStream) {
      assert.ok(operation.responses[200].content['text/event-stream'], url);
      return answer.body.cancel();
    }
    const text = await answer.text();
    const headers = JSON.stringify(options.headers);
    const asked = `${options.method} ${url} ${headers} ${options.body} → ${answer.status} ${text}`;
    assert.ok(answer.status < 500 || operation.path === MAY_BE_UNAVAILABLE, asked);
    assert.notEqual(answer.status, 500, asked);
    const schema = schemaOf(operation, answer.status);
    if (!schema) return assert.equal(text, '', asked);
    const validate = ajv.getSchema(schema);
    assert.ok(validate(JSON.parse(text)), `${asked}\n${JSON.stringify(validate.errors)}`);
  };

  test('every operation answers as described', async () => {
    for (const operation of maker.operations()) {
      const known = await knownThings();
      for (let i = 0; i < REQUESTS_PER_OPERATION; ++i)
        await check(operation, maker.request(operation, known));
    }
  });
});
