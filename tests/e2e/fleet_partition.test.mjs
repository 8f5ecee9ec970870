// Five regions on five continents without any database between them: two are cut from three and come back,
// all change their key under a call, and each does what another one is asked for.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNumberedCall } from './calls.mjs';
import { Continents, REGIONS, SLUGS, addressOf, untilHolds, without } from './continents.mjs';
import { onEnd, suiteContext } from './daemon.mjs';
import { keyStates, keys } from './fleet_keys.mjs';
import { isInNamespace } from './link_emulator.mjs';
import { TurnClient } from './turn_client.mjs';

const FEW = ['europe', 'africa'];
const MANY = without(...FEW);
/** Within which all have one view after a partition. */
const WHOLE_MS = 3_000;
/** Within which all refuse what either side has revoked, and a key has come everywhere. */
const HEALED_MS = 5_000;
/** Within which what one node makes is good on all. */
const SPREAD_MS = 2_000;
/** Longer than a node that is not heard stays in the fleet. */
const UNHEARD_MS = 3_000;

const fleet = () => {
  const suite = suiteContext();
  let world;

  const serverOf = (slug) => world.daemons[slug].server('udp', addressOf(slug));
  /** {client, errorCode} of an Allocate. */
  const allocate = async (context, slug, credential) => {
    const client = await TurnClient.connect(serverOf(slug), credential);
    onEnd(context, () => client.close());
    return { client, errorCode: (await client.allocate()).errorCode };
  };
  /** A session in `relay` of a credential that `issuer` has made: {credential, client}. */
  const sessionOf = async (context, issuer, relay, fields = {}) => {
    const credential = await world.daemons[issuer].credential({ fixed_region: relay, ttl: 600, ...fields });
    const { client, errorCode } = await allocate(context, relay, credential);
    assert.equal(errorCode, undefined);
    return { credential, client };
  };
  const isServed = async ({ client }) => (await client.refresh(600)).errorCode === undefined;
  const revoke = async (at, { credential }) => {
    const target = `/api/v1/credentials/${credential.credential_id}`;
    const { status, body } = await world.daemons[at].ask('DELETE', target);
    assert.equal(status, 200, JSON.stringify(body));
    return body.regions;
  };
  const issue = async (slug, token) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await world.daemons[slug].ask('POST', '/api/v1/credentials/ice', {}, headers)).status;
  };
  const createToken = async (at) => {
    const token = { name: 'backend', scopes: ['ice:issue'] };
    const { status, body } = await world.daemons[at].post('/api/v1/tokens', token);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const answersEverywhere = async (token, expected) =>
    (await Promise.all(SLUGS.map((slug) => issue(slug, token)))).every((status) => status === expected);
  /** Runs a step, and meanwhile a look again and again: what the looks found wrong. */
  const watched = async (look, step) => {
    const found = [];
    let watches = true;
    const watch = (async () => {
      for (; watches; await sleep(20)) found.push(...(await look()));
    })();
    try {
      await step();
    } finally {
      watches = false;
      await watch;
    }
    return found;
  };
  /** Which of the observers misses which of the others. */
  const missing = async (observers) => {
    const views = await Promise.all(observers.map((slug) => world.offeredBy(slug)));
    return observers.flatMap((observer, index) =>
      observers.filter((slug) => !views[index].includes(slug)).map((slug) => `${observer} misses ${slug}`),
    );
  };

  before(async () => {
    world = await Continents.start(suite);
    await world.untilOffered(SLUGS, SLUGS, 10_000);
  });

  test('take a token that another region has made within 2 s', async (context) => {
    const { token } = await createToken('brazil');
    const took = await untilHolds('it is good', () => answersEverywhere(token, 200), SPREAD_MS);
    context.diagnostic(`figure: fleet-token: a token of one of five regions is good in all after ${took} ms`);
  });

  test('list and end in one what another relays', async (context) => {
    const session = await sessionOf(context, 'europe', 'asia', { room: 'far' });
    const list = async () => {
      const target = '/api/v1/sessions?state=live&room=far';
      const { status, body } = await world.daemons.america.ask('GET', target);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    let found;
    const isListed = async () => {
      found = await list();
      return found.items.length === 1;
    };
    const listed = await untilHolds('it is listed', isListed, SPREAD_MS);
    assert.deepEqual([found.items[0].region, found.partial], ['asia', []]);
    const begin = Date.now();
    const target = `/api/v1/sessions/${found.items[0].id}`;
    assert.equal((await world.daemons.america.ask('DELETE', target)).status, 204);
    assert.equal((await session.client.refresh(600)).errorCode, 437);
    const ended = Date.now() - begin;
    context.diagnostic(
      `figure: fleet-terminate: a session of another continent is listed after ${listed} ms, ` +
        `and ended ${ended} ms after it was asked for`,
    );
  });

  test('be two sides of a partition that each serve, and one fleet again within 5 s', async (context) => {
    // Each relayed on the side that does not hear of its end.
    const sessions = {
      many: await sessionOf(context, 'europe', 'asia'),
      few: await sessionOf(context, 'asia', 'europe'),
    };
    const token = await createToken('europe');
    await untilHolds('the token is good', () => answersEverywhere(token.token, 200), SPREAD_MS);

    await world.network.cutApart(FEW, MANY);
    await Promise.all([FEW, MANY].map((side) => world.untilOffered(side, side, 10_000)));
    for (const side of [FEW, MANY]) {
      for (const slug of side) {
        const isStale = side === FEW;
        assert.equal((await world.ask(slug, '/explain')).stale, isStale, slug);
        const own = await world.daemons[slug].credential({ fixed_region: slug });
        assert.equal(own.stale ?? false, isStale, slug);
        for (const { callers } of Object.values(REGIONS)) {
          const offered = await world.regionFor(callers[0], slug);
          assert.ok(side.includes(offered), `${slug} cannot reach ${offered}`);
        }
      }
    }
    assert.deepEqual(await revoke('africa', sessions.many), { confirmed: FEW, pending: MANY });
    assert.deepEqual(await revoke('america', sessions.few), { confirmed: MANY, pending: FEW });
    const target = `/api/v1/tokens/${token.id}`;
    assert.equal((await world.daemons.brazil.ask('DELETE', target)).status, 204);
    for (const session of Object.values(sessions)) assert.ok(await isServed(session), 'it is cut off');
    assert.equal(await issue('europe', token.token), 200);

    await world.network.cutApart(FEW, MANY, 0);
    const isRevoked = async () => {
      const served = await Promise.all(Object.values(sessions).map(isServed));
      return served.every((each) => !each) && (await answersEverywhere(token.token, 401));
    };
    let whole;
    let revoked;
    const heal = async () => {
      [whole, revoked] = await Promise.all([
        world.untilOffered(SLUGS, SLUGS, WHOLE_MS),
        untilHolds('what was revoked ends', isRevoked, HEALED_MS),
      ]);
    };
    assert.deepEqual(await watched(() => missing(MANY), heal), [], 'who was alone has judged the others');
    for (const slug of SLUGS) assert.equal((await world.ask(slug, '/links')).stale, false);
    for (const [slug, { credential }] of [['asia', sessions.many], ['europe', sessions.few]])
      assert.equal((await allocate(context, slug, credential)).errorCode, 401);
    context.diagnostic(
      `figure: fleet-heal: after a partition of two regions from three all five have one view again after ` +
        `${whole} ms, and what one side had revoked is refused by the other after ${revoked} ms`,
    );
  });

  test('change their key with no node out of the fleet and no packet of a call lost', async (context) => {
    const { homes, daemons } = world;
    const old = await daemons.europe.credential({ fixed_region: 'asia', ttl: 600 });
    const call = await startNumberedCall(context, serverOf('asia'), old);
    const everywhere = (expected) => async () =>
      (await Promise.all(SLUGS.map((slug) => keyStates(homes[slug])))).every(
        (each) => JSON.stringify(each) === JSON.stringify(expected),
      );
    const becomes = (slug, state, ...command) => async () =>
      (await keys(homes[slug], ...command)).state === state;
    const begin = Date.now();
    let took;
    const gaps = await watched(
      () => missing(SLUGS),
      async () => {
        assert.equal((await keys(homes.europe, 'add')).number, 2);
        await untilHolds('all have it', everywhere({ 1: 'active', 2: 'new' }), HEALED_MS);
        await untilHolds('asia uses it', becomes('asia', 'active', 'use', '2'), HEALED_MS);
        await untilHolds('all seal with it', everywhere({ 1: 'former', 2: 'active' }), HEALED_MS);
        assert.equal((await allocate(context, 'asia', old)).errorCode, undefined);
        await sessionOf(context, 'africa', 'brazil');
        await untilHolds('brazil retires it', becomes('brazil', 'retired', 'retire', '1'), HEALED_MS);
        await untilHolds('all have retired it', everywhere({ 1: 'retired', 2: 'active' }), HEALED_MS);
        took = Date.now() - begin;
        await sleep(UNHEARD_MS);
      },
    );
    assert.deepEqual(gaps, []);
    const { sent, arrived } = await call.end();
    assert.equal(arrived, sent);
    context.diagnostic(
      `figure: fleet-key-rotation: five regions have changed their key after ${took} ms, ` +
        `none was missed meanwhile, ${sent - arrived} of ${sent} packets of a call were lost`,
    );
  });
};

if (isInNamespace(import.meta.url)) describe('five regions that are one fleet', fleet);
