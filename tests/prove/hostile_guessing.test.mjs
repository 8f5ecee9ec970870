// Who guesses credentials or API tokens is soon ignored, and who shares the guesser's address and knows one
// is served all the time.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, startDaemon, suiteContext } from '../e2e/daemon.mjs';
import { growth, readMetrics } from '../e2e/metrics.mjs';
import { ATTRIBUTE, CLASS, METHOD, decode, encode, longTermKey } from '../e2e/stun_message.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
/** More than a minute, so that the budget is seen to fill up again, and no more than it allows. */
const SECONDS = IS_FULL ? 90 : 4;
const GUESSES_A_SECOND = IS_FULL ? 2000 : 500;
const ANSWERS_A_MINUTE = 60;
const TOKENS = IS_FULL ? 20_000 : 1000;
const GUESSERS = 8;
const TICK_MS = 10;
/** Fewer than one source may have. */
const CONNECTIONS_AT_ONCE = 31;
const REQUESTED_TRANSPORT = [ATTRIBUTE.requestedTransport, Buffer.from([17, 0, 0, 0])];

/** Requests Allocate with a password that is not the username's, from one socket; counts the answers. */
class Guesser {
  #identity;
  #socket = dgram.createSocket('udp4');
  answers = 0;
  guesses = 0;

  /** `challenge`: {realm, nonce} as they were given to this address and port. */
  static async start(context, { address, port }, { username }) {
    const made = new Guesser();
    onEnd(context, () => made.#socket.close());
    await new Promise((resolve) => made.#socket.connect(port, address, resolve));
    const challenge = new Promise((resolve) =>
      made.#socket.once('message', (bytes) => resolve(decode(bytes))),
    );
    made.#send([]);
    const { realm, nonce } = await challenge;
    made.#identity = [
      [ATTRIBUTE.username, username],
      [ATTRIBUTE.realm, realm],
      [ATTRIBUTE.nonce, nonce],
    ];
    made.#socket.on('message', (bytes) => {
      const { errorCode } = decode(bytes);
      assert.equal(errorCode, 401);
      made.answers += 1;
    });
    return made;
  }

  guess() {
    this.guesses += 1;
    const key = longTermKey('somebody', 'here', randomBytes(8).toString('hex'));
    this.#send(this.#identity, key);
  }

  #send(identity, key) {
    const attributes = [REQUESTED_TRANSPORT, ...identity];
    this.#socket.send(encode({ method: METHOD.allocate, class: CLASS.request, attributes, key }).message);
  }
}

/** Milliseconds until an honest client at the same address has an allocation, and has given it back. */
const allocateAndLeave = async (daemon, transport, credential) => {
  const begin = Date.now();
  const client = await TurnClient.connect(daemon.server(transport), credential);
  try {
    assert.equal((await client.allocate()).errorCode, undefined);
    const took = Date.now() - begin;
    await client.refresh(0);
    return took;
  } finally {
    client.close();
  }
};

const guessing = () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  test("a guesser of passwords gets a minute's answers and silence", async (context) => {
    const credential = await daemon.credential({ ttl: 600 });
    const guesser = await Guesser.start(context, daemon.server('udp'), credential);
    const start = await readMetrics(daemon);
    const begin = Date.now();
    const guessing = setInterval(() => {
      for (let each = 0; each < (GUESSES_A_SECOND * TICK_MS) / 1000; ++each) guesser.guess();
    }, TICK_MS);
    onEnd(context, () => clearInterval(guessing));
    let served = 0;
    let slowest = 0;
    while (Date.now() - begin < SECONDS * 1000) {
      for (const transport of ['udp', 'tcp', 'tls']) {
        slowest = Math.max(slowest, await allocateAndLeave(daemon, transport, credential));
        served += 1;
      }
      await sleep(200);
    }
    clearInterval(guessing);
    await sleep(500);
    const minutes = (Date.now() - begin) / 60_000;
    const allowed = Math.ceil(ANSWERS_A_MINUTE * (1 + minutes));
    assert.ok(guesser.guesses > 4 * allowed, `${guesser.guesses} guesses say little`);
    assert.ok(guesser.answers >= ANSWERS_A_MINUTE, `${guesser.answers} answers`);
    assert.ok(guesser.answers <= allowed, `${guesser.answers} answers, ${allowed} are allowed`);
    const grew = growth(start, await readMetrics(daemon));
    const silenced = grew['turnix_drops_total{reason="integrity_budget"}'];
    assert.ok(silenced > guesser.guesses / 2, `${silenced} are counted`);
    context.diagnostic(
      `figure: hostile-guessing: ${guesser.guesses} wrong passwords from one address in ` +
        `${Math.round(minutes * 60)} s got ${guesser.answers} answers (60 at once and 60 a minute); ` +
        `${served} of ${served} allocations of honest clients there were made, within ${slowest} ms`,
    );
  });

  test('many connections have no more guesses than one', async () => {
    const { username } = await daemon.credential();
    const guess = async (transport) => {
      const server = { ...daemon.server(transport), from: '127.0.0.66' };
      const client = await TurnClient.connect(
        server,
        { username, credential: 'guess' },
        { patienceMs: 1500 },
      );
      const { errorCode } = await client.allocate().catch(() => ({}));
      client.close();
      return errorCode;
    };
    const transports = Array.from({ length: CONNECTIONS_AT_ONCE }, (_, index) => (index % 2 ? 'tcp' : 'tls'));
    const seen = [];
    while (seen.length <= 2 * ANSWERS_A_MINUTE) {
      const guesses = await Promise.all(transports.map(guess));
      seen.push(...guesses);
    }
    const answers = seen.filter((each) => each === 401).length;
    assert.ok(answers >= ANSWERS_A_MINUTE && answers < 1.2 * ANSWERS_A_MINUTE, `${answers} answers`);
  });

  test('a guesser of tokens gets 401 and 429, and the honest token is served', async (context) => {
    const guess = async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${daemon.api}/api/v1/regions`, { headers });
      await response.arrayBuffer();
      return response.status;
    };
    const similar = () => {
      const at = daemon.token.length - 20;
      return daemon.token.slice(0, at) + randomBytes(20).toString('hex').slice(0, 20);
    };
    const statuses = {};
    let honest = 0;
    const guessMany = async () => {
      for (let each = 0; each < TOKENS / GUESSERS; ++each) {
        const status = await guess(similar());
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    let isDone = false;
    const beHonest = async () => {
      while (!isDone) {
        assert.equal(await guess(daemon.token), 200);
        honest += 1;
        await sleep(20);
      }
    };
    const served = beHonest();
    const begin = Date.now();
    await Promise.all(Array.from({ length: GUESSERS }, guessMany));
    isDone = true;
    await served;
    const refused = (statuses[401] ?? 0) + (statuses[429] ?? 0);
    assert.equal(refused, TOKENS, JSON.stringify(statuses));
    const seconds = (Date.now() - begin) / 1000;
    const allowed = Math.ceil(ANSWERS_A_MINUTE * (1 + seconds / 60));
    assert.ok(statuses[401] >= ANSWERS_A_MINUTE, `${statuses[401]} are told that they are wrong`);
    assert.ok(statuses[401] <= allowed, `${statuses[401]} are told that they are wrong, not ${allowed}`);
    context.diagnostic(
      `figure: hostile-guessing: of ${TOKENS} guessed API tokens from one address in ` +
        `${Math.round(seconds)} s ${statuses[401]} were told that they are wrong (60 at once and 60 a ` +
        `minute), the others to wait; meanwhile ${honest} of ${honest} requests under the right one were ` +
        `answered`,
    );
  });
};

describe('hostile: guessing', guessing);
