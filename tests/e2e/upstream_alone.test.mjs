// Nodes that share a PostgreSQL and do not know of each other otherwise.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { initialise, runDaemon, suiteContext } from './daemon.mjs';
import { startPostgres } from './postgres.mjs';
import { askWith, call, inStep, sqlite, statusWith, UNLIMITED, within } from './shared_database.mjs';

const suite = suiteContext();
const nodes = [];
let postgres;

const run = async (node, settings = { 'store.upstream': postgres.url }) => {
  node.daemon = await runDaemon(suite, node.home, { ...UNLIMITED, ...settings });
};

before(async () => {
  postgres = await startPostgres(suite);
  for (const name of ['one', 'other']) nodes.push({ name, home: await initialise(suite) });
  await Promise.all(nodes.map((node) => run(node)));
});

describe('nodes without gossip and with one database', () => {
  test('have one history and one usage', async () => {
    const [{ home }] = nodes;
    for (const node of nodes) {
      await within(5_000, 'the organisation', async () => (await statusWith(node, home.token)) === 200);
      await call(node, home.token, 'history');
    }
    const get = async (node, target) => (await askWith(node, home.token, 'GET', target)).body;
    for (const node of nodes) {
      const rows = await within(5_000, `four sessions on ${node.name}`, async () => {
        const { items } = await get(node, 'sessions?room=history&state=ended');
        return items.length === 4 && items;
      });
      assert.equal(new Set(rows.map(({ id }) => id)).size, 4);
      await within(5_000, `the usage on ${node.name}`, async () => {
        const { items } = await get(node, 'usage?group_by=room');
        const traffic = items.find(({ room }) => room === 'history')?.traffic;
        return traffic?.uplink_bytes === 200 && traffic.downlink_bytes === 200;
      });
    }
  });

  test('take up what there was before, when they are given a database later', async () => {
    const third = { name: 'third', home: await initialise(suite) };
    const { token } = third.home;
    await run(third, {});
    await call(third, token, 'before');
    await within(5_000, 'its own record', async () => {
      const [{ count }] = await sqlite(third, 'select count(*) as count from sessions where ended_at_ms > 0');
      return count === 2;
    });
    await third.daemon.kill();
    await run(third);
    await inStep(third);
    const [one] = nodes;
    await within(5_000, 'its token on the first', async () => (await statusWith(one, token)) === 200);
    await within(5_000, 'its sessions on the first', async () => {
      const { body } = await askWith(one, token, 'GET', 'sessions?room=before');
      return body.items.length === 2;
    });
  });
});
