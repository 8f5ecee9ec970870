// What the log tells of one credential, for as long as an operator asks for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialise, onEnd, runDaemon, turnixd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const DENIED_PEER = { address: '10.1.2.3', port: 9 };
const RECORDS_BURST = 200;
const RECORDS_PER_SECOND = 20;

/** A daemon, what connects a credential's holder to it, and its command: {daemon, client, debug}. */
const open = async (context, settings = {}) => {
  const home = await initialise(context);
  const daemon = await runDaemon(context, home, { 'relay.workers': 1, ...settings });
  const client = async (credential, transport = 'udp') => {
    const connected = await TurnClient.connect(daemon.server(transport), credential);
    onEnd(context, () => connected.close());
    return connected;
  };
  const debug = (...args) => turnixd('debug', '--config', home.config, ...args);
  return { daemon, client, debug };
};

const recordsOf = (stderr, { credential_id: id }) =>
  stderr
    .split('\n')
    .filter((line) => line.includes(` relay.debug credential ${id}: `))
    .map((line) => line.slice(line.indexOf(`${id}: `) + id.length + 2));

describe('turnixd debug', () => {
  test('tells of one credential, whatever the log level, and of no other', async (context) => {
    const { daemon, client, debug } = await open(context, { 'log.level': 'error' });
    const [watched, other] = [await daemon.credential(), await daemon.credential()];
    const early = await client(watched, 'tls');
    await early.allocate();
    const { code, stdout } = await debug(watched.credential_id, '--for', '60');
    assert.equal(code, 0);
    assert.equal(stdout, `The log tells of ${watched.credential_id} for 60 s\n`);

    const alice = await client(watched);
    await alice.allocate();
    assert.equal((await alice.createPermission(DENIED_PEER)).errorCode, 403);
    await (await client(other)).allocate();
    const guesser = await client({ ...watched, credential: 'guessed' });
    assert.equal((await guesser.allocate()).errorCode, 401);
    await alice.refresh(0);
    assert.equal((await debug('--off')).code, 0);
    await (await client(watched)).allocate();

    const { stderr } = await daemon.stop();
    const records = recordsOf(stderr, watched);
    const expected = [
      /^session [0-9a-f]{32} lives: tls client 127\.0\.0\.1:\d+ at /,
      /^udp 127\.0\.0\.1:\d+ allocate: success$/,
      /^session [0-9a-f]{32} begins: udp client 127\.0\.0\.1:\d+ at .*, relayed at 127\.0\.0\.1:\d+$/,
      /^udp \S+ create_permission for 10\.1\.2\.3:\d+: 403 Forbidden$/,
      /^udp \S+ allocate: 401 \S+: it is signed with another password or realm$/,
      /^udp \S+ refresh: success$/,
      /^session [0-9a-f]{32} ends, client_released: up 0 datagrams, 0 bytes; down 0, 0$/,
    ];
    for (const pattern of expected)
      assert.equal(records.filter((record) => pattern.test(record)).length, 1, `${pattern}\n${stderr}`);
    assert.equal(records.length, expected.length, stderr);
    for (const secret of [other.credential_id, watched.username, watched.credential])
      assert.ok(!stderr.includes(secret), stderr);
  });

  test('says that a credential is revoked', async (context) => {
    const { daemon, client, debug } = await open(context);
    const credential = await daemon.credential();
    await debug(credential.credential_id);
    assert.equal((await daemon.ask('DELETE', `/api/v1/credentials/${credential.credential_id}`)).status, 200);
    assert.equal((await (await client(credential)).allocate()).errorCode, 401);
    const { stderr } = await daemon.stop();
    assert.match(recordsOf(stderr, credential).join('\n'), /allocate: 401 \S+: the credential is revoked$/);
  });

  test('ends when its time is over', async (context) => {
    const { daemon, client, debug } = await open(context);
    const credential = await daemon.credential();
    const one = await client(credential);
    await one.allocate();
    await debug(credential.credential_id, '--for', '1');
    await one.refresh(600);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await one.refresh(601);
    const { stderr } = await daemon.stop();
    assert.equal(recordsOf(stderr, credential).filter((record) => record.includes('refresh')).length, 1);
  });

  test('keeps to its rate, and says how much it left out', async (context) => {
    const { daemon, client, debug } = await open(context);
    const credential = await daemon.credential();
    const busy = await client(credential);
    await busy.allocate();
    await debug(credential.credential_id);
    const start = Date.now();
    for (let request = 0; request < 3 * RECORDS_BURST; ++request) await busy.refresh(600);
    const took_s = (Date.now() - start) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await busy.refresh(600);
    const { stderr } = await daemon.stop();
    const records = recordsOf(stderr, credential);
    assert.ok(records.length <= RECORDS_BURST + RECORDS_PER_SECOND * (took_s + 2), String(records.length));
    assert.match(records.join('\n'), /\(\d+ records before it were left out\)/);
  });

  test('refuses what is no credential of this fleet, no time and too long a time', async (context) => {
    const { daemon, debug } = await open(context);
    const { credential_id: id } = await daemon.credential();
    for (const [args, code, message] of [
      [['ice_unknown'], 1, /no credential_id of this fleet/],
      [[id, '--for', '3601'], 1, /up to 3600/],
      [[id, '--for', 'long'], 2, /--for/],
      [[], 2, /credential is required/],
    ]) {
      const answer = await debug(...args);
      assert.equal(answer.code, code, answer.stderr);
      assert.match(answer.stderr, message);
    }
  });
});
