// Two regions that share one PostgreSQL: what one makes is good in the other, and neither needs the database.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { onEnd, suiteContext } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';
import { startPostgres } from './postgres.mjs';
import {
  askWith,
  backlogOf,
  call,
  inStep,
  sqlite,
  statusWith,
  UNLIMITED,
  within,
} from './shared_database.mjs';
import { TurnClient } from './turn_client.mjs';

const IS_FULL = process.env.TURNIX_PROVE_SCALE === 'full';
/** How long the database is away. */
const AWAY_S = IS_FULL ? 60 : 4;
/** Within which a change has to be everywhere. */
const SHARED_MS = 2_000;
/** Within which nodes find each other, and a node that was away. */
const FOUND_MS = 8_000;
const TOKENS = 6;

const suite = suiteContext();
let nodes;
let postgres;
let token; // of the organisation that all have

const start = (node) => startNode(suite, node, { ...UNLIMITED, ...node.store });
const ask = (node, method, target, body) => askWith(node, token, method, target, body);
const get = async (node, target) => {
  const { status, body } = await ask(node, 'GET', target);
  assert.equal(status, 200, `${target}: ${JSON.stringify(body)}`);
  return body;
};
const created = async (node, name) => {
  const { status, body } = await ask(node, 'POST', 'tokens', { name, scopes: ['ice:issue'] });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};
const revoke = async (node, { id }) => assert.equal((await ask(node, 'DELETE', `tokens/${id}`)).status, 204);

before(async () => {
  postgres = await startPostgres(suite);
  nodes = await initialiseFleet(suite, ['north', 'south'], { join: true });
  const [north, south] = nodes;
  const file = path.join(south.home.directory, 'upstream');
  await writeFile(file, `${postgres.url}\n`, { mode: 0o600 });
  north.store = { 'store.upstream': postgres.url };
  south.store = { 'store.upstream_file': file };
  ({ token } = north.home);
  await Promise.all(nodes.map(start));
  for (const node of nodes) {
    await within(FOUND_MS, 'the other region', async () => {
      if ((await statusWith(node, token)) !== 200) return false;
      return (await get(node, 'regions')).every(({ is_operational }) => is_operational);
    });
  }
});

describe('two regions with one database', () => {
  test('take each other’s tokens, until they are revoked', async (context) => {
    const [north, south] = nodes;
    const taken_ms = [];
    const made = [];
    for (let round = 0; round < TOKENS; ++round) {
      const each = await created(north, `shared ${round}`);
      const begin = performance.now();
      await within(SHARED_MS, 'the token', async () => (await statusWith(south, each.token)) === 200);
      taken_ms.push(performance.now() - begin);
      made.push(each);
    }
    for (const each of made) await revoke(south, each);
    for (const each of made) {
      await within(SHARED_MS, 'its revocation', async () => (await statusWith(north, each.token)) === 401);
    }
    taken_ms.sort((a, b) => a - b);
    const [median, longest] = [taken_ms[TOKENS / 2], taken_ms.at(-1)].map((each) => each.toFixed(0));
    context.diagnostic(
      `figure: upstream-token: good in the other region after ${median} ms (median of ${TOKENS}), ` +
        `${longest} ms at the longest`,
    );
  });

  test('share projects and webhooks, their changes and their ends', async () => {
    const [north, south] = nodes;
    const hook = { url: 'https://example.net/hook', events: ['session.ended'] };
    const answers = (node, target, wanted) => async () => (await ask(node, 'GET', target)).status === wanted;
    assert.equal((await ask(north, 'POST', 'projects', { slug: 'second' })).status, 201);
    await within(SHARED_MS, 'the project', answers(south, 'projects/second', 200));
    const made = await ask(south, 'POST', 'webhooks', hook);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const webhook = `webhooks/${made.body.id}`;
    await within(SHARED_MS, 'the webhook', answers(north, webhook, 200));
    const change = {
      settings: {
        max_ttl_s: 600,
        quotas: { max_packets_per_second: 5_000 },
        limits: { max_packets_per_second: 60 },
      },
    };
    assert.equal((await ask(south, 'PATCH', 'projects/second', change)).status, 200);
    await within(SHARED_MS, 'its setting', async () => {
      return (await get(north, 'projects/second')).settings.max_ttl_s === 600;
    });
    const { quotas, limits } = (await get(north, 'projects/second')).settings;
    assert.equal(quotas.max_packets_per_second, 5_000);
    assert.equal(limits.max_packets_per_second, 60);
    assert.equal((await ask(north, 'DELETE', webhook)).status, 204);
    assert.equal((await ask(south, 'DELETE', 'projects/second')).status, 204);
    await within(SHARED_MS, 'the end of the webhook', answers(south, webhook, 404));
    await within(SHARED_MS, 'the end of the project', answers(north, 'projects/second', 404));
  });

  test('list and end in one what another relays', async (context) => {
    const [north, south] = nodes;
    const credential = await south.daemon.credential({ fixed_region: 'south', room: 'listed' });
    const client = await TurnClient.connect(south.daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    await client.allocate();
    const found = await within(SHARED_MS, 'the session', async () => {
      return (await get(north, 'sessions?state=live&room=listed')).items[0];
    });
    assert.equal(found.region, 'south');
    assert.equal((await get(north, `sessions/${found.id}`)).state, 'live');
    assert.equal((await ask(north, 'DELETE', `sessions/${found.id}`)).status, 204);
    assert.equal((await client.refresh(600)).errorCode, 437);
    await within(SHARED_MS, 'its end', async () => {
      return (await ask(north, 'GET', `sessions/${found.id}`)).body.state === 'ended';
    });
    assert.equal((await ask(north, 'GET', `sessions/${found.id}/samples`)).status, 200);
  });

  test('count each session once, whoever is asked, and know those of a region that is away', async () => {
    const [north, south] = nodes;
    for (const node of nodes) await call(node, token, 'history');
    for (const node of nodes) {
      const fromElsewhere = `select id from sessions where node is not null and room = 'history'
        and ended_at_ms is not null and exists (select 1 from usage where session_id = id)`;
      await within(5_000, 'the sessions of the other', async () => {
        return (await sqlite(node, fromElsewhere)).length === 2;
      });
    }
    for (const node of nodes) {
      const { items } = await get(node, 'sessions?room=history&state=ended');
      assert.deepEqual([items.length, new Set(items.map(({ id }) => id)).size], [4, 4]);
      const usage = await get(node, 'usage?group_by=room');
      const [{ sessions, traffic }] = usage.items.filter(({ room }) => room === 'history');
      assert.deepEqual([sessions, traffic.uplink_bytes, traffic.downlink_bytes], [4, 200, 200]);
      const { total } = await get(node, 'rooms/history');
      assert.deepEqual([total.sessions, total.traffic.uplink_bytes], [4, 200]);
    }
    const { items } = await get(north, 'sessions?room=history&region=south');
    await south.daemon.kill();
    await within(FOUND_MS, 'that it is away', async () => {
      return (await get(north, 'sessions?room=history')).partial.includes('south');
    });
    assert.equal((await get(north, 'sessions?room=history')).items.length, 4);
    assert.equal((await get(north, `sessions/${items[0].id}`)).state, 'ended');
    await start(south);
    await within(FOUND_MS, 'that it is back', async () => {
      return (await get(north, 'regions')).every(({ is_operational }) => is_operational);
    });
  });

  /** Calls, tokens and revocations, one after the other, until the database is back. */
  const loadOn = async (node, until) => {
    const done = { kept: [], revoked: [] };
    for (let round = 0; !until.isOver; ++round) {
      const { daemon } = node;
      try {
        await call(node, token, `away-${node.region}`);
        const made = await created(node, `${node.region} ${round}`);
        if (round % 2 === 0) {
          done.kept.push(made);
        } else {
          await revoke(node, made);
          done.revoked.push(made);
        }
      } catch (fault) {
        if (!node.isDown && node.daemon === daemon) throw fault;
        await pause(100);
      }
    }
    return done;
  };

  /** What the database has is what the nodes have, once. */
  const compareHistory = async () => {
    const own = (sql) => Promise.all(nodes.map((node) => sqlite(node, `${sql} where node is null`)));
    const here = (await own('select lower(hex(id)) as id from sessions')).flat().map(({ id }) => id);
    const there = await postgres.query("select encode(id, 'hex') as id, ended_at_ms from sessions");
    assert.deepEqual(there.map(({ id }) => id).sort(), here.sort());
    assert.ok(there.every((session) => session.ended_at_ms > 0));
    const sums = 'select count(*) as rows, sum(uplink_bytes) as up, sum(downlink_bytes) as down from usage';
    const [usage] = await postgres.query(sums);
    const ours = (await own(sums)).flat();
    for (const key of ['rows', 'up', 'down']) {
      assert.equal(Number(usage[key]), ours.reduce((before, row) => before + row[key], 0), key);
    }
    const apart = await postgres.query(
      `select id from sessions left join (select session_id, sum(uplink_bytes) as up
       from usage group by 1) as used on session_id = id where uplink_bytes <> coalesce(up, 0)`,
    );
    assert.deepEqual(apart, []);
    return here.length;
  };

  const compareTokens = async (kept, revoked) => {
    const rows = await postgres.query(
      "select encode(id, 'hex') as id, revoked_at_ms is not null as is_revoked from tokens where not deleted",
    );
    const isRevoked = new Map(rows.map(({ id, is_revoked }) => [id, is_revoked]));
    for (const { id } of kept) assert.equal(isRevoked.get(id), false, `token ${id}`);
    for (const { id } of revoked) assert.equal(isRevoked.get(id), true, `token ${id}`);
  };

  const outage = `go on without it for ${AWAY_S} s, a kill -9 among them, and miss or double nothing`;
  test(outage, async (context) => {
    const [north, south] = nodes;
    const until = { isOver: false };
    onEnd(context, () => {
      until.isOver = true;
    });
    const loads = nodes.map((node) => loadOn(node, until));
    await pause(500);
    await postgres.stop('SIGQUIT');
    await within(5_000, 'readiness that names it', async () => {
      const response = await fetch(`${north.daemon.status}/readyz`);
      const { ready, degraded } = await response.json();
      return response.status === 200 && ready && degraded.includes('upstream');
    });
    const alone = await created(north, 'made while it is away');
    const revoked = await ask(north, 'DELETE', 'credentials?room=nobody');
    assert.deepEqual(revoked.body.regions, { confirmed: ['north', 'south'], pending: [] });
    await pause(AWAY_S * 500);
    assert.equal(await statusWith(south, alone.token), 401, 'tenants come by the database alone');
    south.isDown = true;
    await south.daemon.kill();
    await start(south);
    south.isDown = false;
    await pause(AWAY_S * 500);
    assert.ok((await backlogOf(north)) > 0);
    await postgres.start();
    await pause(500);
    until.isOver = true;
    const done = await Promise.all(loads);
    const kept = [alone, ...done.flatMap((each) => each.kept)];
    const gone = done.flatMap((each) => each.revoked);
    await within(10_000, 'the end of every session', async () => {
      const open = 'select 1 from sessions where ended_at_ms is null and node is null';
      return (await Promise.all(nodes.map((node) => sqlite(node, open)))).flat().length === 0;
    });
    await Promise.all(nodes.map(inStep));

    const sessions = await compareHistory();
    assert.ok(sessions > 20, `only ${sessions} sessions`);
    await compareTokens(kept, gone);
    for (const node of nodes) {
      await within(10_000, `the whole history in ${node.region}`, async () => {
        const [{ count }] = await sqlite(node, 'select count(*) as count from sessions');
        return count === sessions;
      });
      for (const [expected, last] of [[200, alone], [200, kept.at(-1)], [401, gone.at(-1)]]) {
        await within(SHARED_MS, `token in ${node.region}`, async () => {
          return (await statusWith(node, last.token)) === expected;
        });
      }
    }
    context.diagnostic(
      `figure: upstream-outage: ${AWAY_S} s without the database, ${sessions} sessions and ` +
        `${kept.length + gone.length} tokens of two regions, one of them killed meanwhile: ` +
        'none missing, none doubled',
    );
  });
});
