// Webhooks as their receiver sees them: what comes, signed, and what becomes of it when nobody takes it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeTrustedCertificate } from './certificates.mjs';
import { initialise, onEnd, runDaemon, startDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const PRIVATE_TARGETS = { 'api.webhooks.allow_private_targets': true };
const EVENTS = ['session.started', 'session.ended'];

/** A server that answers with `answers` in their order, then with 200; HTTPS when it has a certificate. */
const startReceiver = async (context, answers = [], certificate) => {
  const received = [];
  let wake = () => {};
  const server = (certificate ? https : http).createServer(certificate ?? {}, async (request, response) => {
    let body = '';
    for await (const bytes of request) body += bytes;
    received.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200).end();
    wake();
  });
  server.listen(0);
  await once(server, 'listening');
  onEnd(context, () => {
    server.closeAllConnections();
    server.close();
  });
  return {
    /** On the loopback address, or another host that leads there. */
    urlAt: (host) =>
      `${certificate ? 'https' : 'http'}://${host}:${server.address().port}/hook?from=turnixd`,
    get url() {
      return this.urlAt('127.0.0.1');
    },
    received,
    /** The first `count` requests, as soon as they are there. */
    async take(count) {
      while (received.length < count) {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      return received.slice(0, count);
    },
  };
};

const oneSession = async (daemon) => {
  const credential = await daemon.credential({ room: 'demo', initiator_client: 'alice' });
  const client = await TurnClient.connect(daemon.server('udp'), credential);
  await client.allocate();
  await client.refresh(0);
  client.close();
};

const isSignedBy = (secret, { headers, body }) => {
  const [, time, signature] = /^t=([0-9]+),v1=([0-9a-f]{64})$/.exec(headers['turnix-signature']);
  assert.ok(Math.abs(Number(time) - Date.now() / 1_000) < 60, headers['turnix-signature']);
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === signature;
};

const get = async (daemon, target) => {
  const answer = await fetch(daemon.api + target, { headers: { authorization: `Bearer ${daemon.token}` } });
  return answer.json();
};

const failedDelivery = async (daemon, id) => {
  let found;
  for (; !found; await pause(100)) {
    const { items } = await get(daemon, `/api/v1/webhooks/${id}/deliveries?state=pending`);
    found = items.find(({ last_error }) => last_error);
  }
  return found;
};

describe('a webhook', () => {
  test('is sent a session’s begin and end, signed; what fails is sent again', async (context) => {
    const receiver = await startReceiver(context, [500]);
    const daemon = await startDaemon(context, PRIVATE_TARGETS);
    const { body: hook } = await daemon.post('/api/v1/webhooks', { url: receiver.url, events: EVENTS });
    await oneSession(daemon);

    const requests = await receiver.take(3);
    for (const each of requests) {
      assert.ok(isSignedBy(hook.secret, each));
      assert.equal(each.headers['content-type'], 'application/json');
      assert.equal(JSON.parse(each.body).type, each.headers['turnix-event']);
    }
    const [first, second, again] = requests;
    const failed = [first, second].find(
      ({ headers }) => headers['turnix-delivery'] === again.headers['turnix-delivery'],
    );
    assert.equal(failed.body, again.body);
    const [started, ended] = EVENTS.map((type) =>
      requests.map(({ body }) => JSON.parse(body)).find((event) => event.type === type),
    );
    assert.equal(started.project, 'default');
    assert.equal(started.data.room, 'demo');
    assert.equal(started.data.initiator_client, 'alice');
    assert.equal(started.data.transport, 'udp');
    assert.equal(ended.data.session_id, started.data.session_id);
    assert.equal(ended.data.end_reason, 'client_released');
    assert.equal(ended.data.uplink_bytes, 0);

    const deliveries = `/api/v1/webhooks/${hook.id}/deliveries`;
    let delivered = [];
    for (; delivered.length < 2; await pause(100)) {
      delivered = (await get(daemon, `${deliveries}?state=delivered`)).items;
    }
    assert.deepEqual(delivered.map(({ attempts }) => attempts).sort(), [1, 2]);

    const replayed = await daemon.post(`${deliveries}/${delivered[0].id}/replay`);
    assert.equal(replayed.status, 200);
    const fourth = (await receiver.take(4))[3];
    assert.equal(fourth.headers['turnix-delivery'], delivered[0].id);
  });

  test('is sent after the next start what could not be sent before', async (context) => {
    const receiver = await startReceiver(context, [503, 503]);
    const home = await initialise(context);
    const daemon = await runDaemon(context, home, PRIVATE_TARGETS);
    const { body: hook } = await daemon.post('/api/v1/webhooks', { url: receiver.url, events: EVENTS });
    await oneSession(daemon);
    await receiver.take(2);
    await daemon.stop();
    await runDaemon(context, home, PRIVATE_TARGETS);
    const requests = await receiver.take(4);
    const bodies = requests.map(({ body }) => body).sort();
    assert.equal(new Set(bodies).size, 2);
    assert.deepEqual(bodies, [bodies[0], bodies[0], bodies[3], bodies[3]]);
    assert.ok(isSignedBy(hook.secret, requests[3]));
  });

  test('goes over TLS to whom the certificate names, and to nobody else', async (context) => {
    const { authority, certificate, privateKey } = await makeTrustedCertificate(context);
    const [cert, key] = await Promise.all([certificate, privateKey].map((each) => readFile(each)));
    process.env.SSL_CERT_FILE = authority; // the daemon's too
    const receiver = await startReceiver(context, [], { cert, key });
    const daemon = await startDaemon(context, PRIVATE_TARGETS);
    const hooks = await Promise.all(
      ['localhost', '127.0.0.1', '[::1]'].map((host) =>
        daemon.post('/api/v1/webhooks', { url: receiver.urlAt(host), events: ['session.ended'] }),
      ),
    );
    const [byName, byAddress, byOther] = hooks.map(({ body }) => body);
    await oneSession(daemon);
    const requests = await receiver.take(2);
    for (const hook of [byName, byAddress]) assert.ok(requests.some((each) => isSignedBy(hook.secret, each)));
    assert.match((await failedDelivery(daemon, byOther.id)).last_error, /^TLS fails: /);
    assert.equal(receiver.received.length, 2);
  });

  test('goes to no private address unless the configuration says so', async (context) => {
    const receiver = await startReceiver(context);
    const home = await initialise(context);
    const open = await runDaemon(context, home, PRIVATE_TARGETS);
    const { body: hook } = await open.post('/api/v1/webhooks', { url: receiver.url, events: EVENTS });
    await open.stop();
    receiver.received.length = 0;

    const daemon = await runDaemon(context, home);
    const { status, body } = await daemon.post('/api/v1/webhooks', { url: receiver.url, events: EVENTS });
    assert.equal(status, 422);
    assert.equal(body.error.param, 'url');
    // A name says nothing about where it leads, so it is asked when there is something to send.
    const named = await daemon.post('/api/v1/webhooks', { url: 'https://localhost', events: EVENTS });
    assert.equal(named.status, 201);
    await oneSession(daemon);
    assert.equal((await failedDelivery(daemon, hook.id)).last_error, 'its URL is not allowed');
    assert.equal((await failedDelivery(daemon, named.body.id)).last_error, 'its addresses are private');
    assert.equal(receiver.received.length, 0);
  });
});
