// The daemon under valgrind: no decision depends on memory that nobody wrote, and none of it leaves in an
// answer, a padding or a payload. Other servers have sent what their buffers held before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { UNSAFE_LOOPBACK_PEERS, initialise, onEnd, runDaemon } from '../e2e/daemon.mjs';
import { ATTRIBUTE } from '../e2e/stun_message.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';

const TRANSPORTS = process.env.TURNIX_PROVE_SCALE === 'full' ? ['udp', 'tcp', 'tls'] : ['tls'];
const CHANNEL = 0x4000;
const FOUND = 99;
const VALGRIND = ['valgrind', '--quiet', `--error-exitcode=${FOUND}`, '--leak-check=no'];
const SLOWNESS = 8;
/** Of every remainder, so that there is a padding of every length. */
const PAYLOADS = [0, 1, 2, 3, 4, 5, 160, 1200].map((bytes) => 'x'.repeat(bytes));

const clientOf = async (context, daemon, transport, credential) => {
  const options = { patienceMs: 15_000 };
  const client = await TurnClient.connect(daemon.server(transport), credential, options);
  onEnd(context, () => client.close());
  return client;
};

/** Two ends, and every payload both ways by indications and a channel; how many answers and payloads came. */
const call = async (context, daemon, transport) => {
  const credential = await daemon.credential({ room: 'odd', ttl: 600 });
  const alice = await clientOf(context, daemon, transport, credential);
  const bob = await clientOf(context, daemon, 'udp', credential);
  const { relayed: atAlice } = await alice.allocate([[ATTRIBUTE.software, 'odd']]);
  const { relayed: atBob } = await bob.allocate();
  await alice.createPermission(atBob);
  await bob.createPermission(atAlice);
  let came = 4;
  const say = async (send) => {
    for (const payload of PAYLOADS) {
      send(payload);
      assert.equal(String((await bob.receive()).data), payload);
      bob.send(atAlice, payload);
      assert.equal(String((await alice.receive()).data), payload);
      came += 2;
    }
  };
  await say((payload) => alice.send(atBob, payload));
  await alice.channelBind(CHANNEL, atBob);
  await say((payload) => alice.sendOnChannel(CHANNEL, payload));
  return came;
};

/** An answer of every kind that is none of success; how many. */
const failEverywhere = async (context, daemon, transport) => {
  const credential = await daemon.credential({ ttl: 600 });
  const client = await clientOf(context, daemon, transport, credential);
  const guesser = await clientOf(context, daemon, transport, { ...credential, credential: 'guessed' });
  const other = await clientOf(context, daemon, transport, await daemon.credential());
  const answers = [
    [await guesser.allocate(), 401],
    [await client.refresh(600), 437],
    [await client.allocate([[ATTRIBUTE.evenPort, 'xx']]), 400],
    [await client.allocate([[0x7abc, 'x']]), 420],
    [await client.allocate([[ATTRIBUTE.reservationToken, '12345678']]), 508],
    [await client.allocateTcp(), 442],
    [await other.allocate(), undefined],
    [await other.createPermission({ address: '10.0.0.1', port: 9 }), 403],
    [await other.createPermission({ address: '::2', port: 9 }), 443],
    [await other.allocate(), 437],
    [await other.refresh(0), undefined],
  ];
  for (const [answer, code] of answers) assert.equal(answer.errorCode, code);
  return answers.length;
};

/** The API's, the console's and the metrics' answers; how many. */
const askEverything = async (daemon) => {
  const lists = ['sessions', 'rooms', 'clients', 'credentials', 'usage', 'audit', 'tokens', 'regions'];
  for (const list of [...lists, 'nothing']) await daemon.ask('GET', `/api/v1/${list}`);
  await daemon.post('/api/v1/tokens', '{"name":');
  await fetch(`${daemon.api}/console`);
  await fetch(`${daemon.status}/metrics`);
  return lists.length + 4;
};

const skip = spawnSync('valgrind', ['--version']).status === 0 ? false : 'there is no valgrind';
test('nothing that nobody wrote is read or sent', { skip }, async (context) => {
  const home = { ...(await initialise(context)), launcher: VALGRIND, slowness: SLOWNESS };
  // Valgrind knows neither io_uring nor BPF.
  const daemon = await runDaemon(context, home, {
    ...UNSAFE_LOOPBACK_PEERS,
    'relay.engine': 'epoll',
    'log.level': 'trace',
  });
  let answers = await askEverything(daemon);
  for (const transport of TRANSPORTS) {
    answers += await call(context, daemon, transport);
    answers += await failEverywhere(context, daemon, transport);
  }
  answers += await askEverything(daemon);
  const { code, stderr } = await daemon.stop();
  assert.equal(code, 0, stderr);
  context.diagnostic(
    `figure: security-padding: ${answers} answers and payloads to clients (${TRANSPORTS.join(', ')}), ` +
      'peers and callers of the API, under valgrind: not one byte that nobody had written',
  );
});
