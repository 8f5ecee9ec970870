// A full disk, and one that has become read-only: relaying and issuing go on, writes are refused with a clear
// error, and what was acknowledged is there afterwards.
import assert from 'node:assert/strict';
import { rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, onEnd, runDaemon } from '../e2e/daemon.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';
import { PrivateMounts, missingMounts } from './mounts.mjs';

const OUTAGE_MS = process.env.TURNIX_PROVE_SCALE === 'full' ? 30_000 : 3_000;
const RECOVERY_MS = 5_000;
const DISK_BYTES = 24 * 1024 * 1024;
const CREDENTIAL_INTERVAL_MS = 10;
/** No limit of the API's is in the way. */
const SETTINGS = {
  'api.limits.requests_per_second_per_token': 10_000,
  'api.limits.requests_burst_per_token': 10_000,
};

const makeToken = (daemon) => daemon.post('/api/v1/tokens', { name: 'a', scopes: ['ice:issue'] });

const connected = async (context, daemon) => {
  const client = await TurnClient.connect(daemon.server('udp'), await daemon.credential());
  onEnd(context, () => client.close());
  return client;
};

/** Relays to itself, issues credentials and makes tokens until it is stopped: what came of it. */
class Load {
  datagrams = 0;
  issued = [];
  allocations = 0;
  tokens = [];
  refusals = 0;
  #daemon;
  #goesOn = true;
  #done;

  static async start(context, daemon) {
    const made = new Load();
    made.#daemon = daemon;
    const client = await connected(context, daemon);
    const { relayed } = await client.allocate();
    await client.createPermission(relayed);
    made.#done = Promise.all([
      made.#repeat(async () => {
        client.send(relayed, `packet ${made.datagrams}`);
        await client.receive();
        ++made.datagrams;
      }),
      made.#repeat(async () => {
        const credential = await daemon.credential({ room: 'outage' });
        made.issued.push(credential.credential_id);
        await sleep(CREDENTIAL_INTERVAL_MS);
      }),
      made.#repeat(async () => {
        const stranger = await TurnClient.connect(daemon.server('udp'), await daemon.credential());
        assert.equal((await stranger.allocate()).errorCode, undefined);
        await stranger.refresh(0);
        stranger.close();
        ++made.allocations;
        await sleep(CREDENTIAL_INTERVAL_MS);
      }),
      made.#repeat(() => made.#writeToken()),
    ]);
    made.#done.catch(() => {}); // whoever stops it is told
    return made;
  }

  async #repeat(step) {
    while (this.#goesOn) await step();
  }

  async #writeToken() {
    const { status, headers, body } = await makeToken(this.#daemon);
    if (status === 201) {
      this.tokens.push(body.id);
    } else {
      assert.equal(status, 503);
      assert.equal(body.error.code, 'unavailable');
      assert.match(body.error.message, /database/);
      assert.ok(Number(headers.get('retry-after')) > 0);
      ++this.refusals;
    }
    await sleep(CREDENTIAL_INTERVAL_MS);
  }

  stop() {
    this.#goesOn = false;
    return this.#done;
  }
}

const untilRefused = async (daemon, load) => {
  await daemon.until(() => (load.refusals > 0 ? true : undefined));
};

const startOn = async (context, ...mount) => {
  const mounts = await PrivateMounts.start(context);
  const home = { ...(await initialise(context)), launcher: mounts.launcher };
  await mounts.replace(home.directory, ...mount);
  return { mounts, home, daemon: await runDaemon(context, home, SETTINGS) };
};

const rows = async (mounts, { directory }, sql) =>
  JSON.parse((await mounts.run('sqlite3', '-json', path.join(directory, 'turnixd.db'), sql)) || '[]');

/** The database is whole, and has each of these once. */
const checkKept = async (mounts, home, load) => {
  assert.deepEqual(await rows(mounts, home, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const tokens = (await rows(mounts, home, 'SELECT lower(hex(id)) AS id FROM tokens')).map(({ id }) => id);
  const kept = new Set(tokens);
  assert.equal(kept.size, tokens.length);
  for (const id of load.tokens) assert.ok(kept.has(id), `token ${id} is lost`);
};

const told = ({ datagrams, issued, allocations, refusals }) =>
  `0 lost of ${datagrams} datagrams, ${issued.length} credentials issued, ${allocations} allocations made, ` +
  `${refusals} writes answered 503`;

test('on a full disk calls and credentials go on, and writes once there is room', async (context) => {
  if (missingMounts()) return context.skip(missingMounts());
  const { mounts, home, daemon } = await startOn(context, '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs');
  const load = await Load.start(context, daemon);
  const filler = mounts.path(path.join(home.directory, 'filler'));
  await assert.rejects(writeFile(filler, Buffer.alloc(DISK_BYTES)), { code: 'ENOSPC' });
  await untilRefused(daemon, load);
  await sleep(OUTAGE_MS);
  await truncate(filler);
  const since = Date.now();
  const written = load.tokens.length;
  await daemon.until(() => (load.tokens.length > written ? true : undefined));
  const recovered = Date.now() - since;
  await rm(filler);
  await load.stop();
  const figure = told(load);
  await daemon.stop();
  await checkKept(mounts, home, load);
  const inRoom = "SELECT count(*) AS count FROM credentials WHERE room = 'outage'";
  const [{ count }] = await rows(mounts, home, inRoom);
  assert.equal(count, load.issued.length);
  const [{ ended }] = await rows(mounts, home, 'SELECT count(ended_at_ms) AS ended FROM sessions');
  assert.equal(ended, load.allocations + 1);
  assert.ok(recovered < RECOVERY_MS, `${recovered} ms`);
  context.diagnostic(
    `figure: storage-full: ${OUTAGE_MS / 1000} s of a full disk: ${figure}; writes again after ` +
      `${recovered} ms; ${load.tokens.length} acknowledged tokens and all issued credentials and sessions ` +
      'recorded once, integrity_check ok',
  );
});

/** An error makes ext4 read-only at once, whoever has files open: as a failing disk would. */
test('on a disk that becomes read-only calls and credentials go on', async (context) => {
  if (missingMounts()) return context.skip(missingMounts());
  const image = path.join((await initialise(context)).directory, 'image');
  await writeFile(image, '');
  await truncate(image, DISK_BYTES);
  const mounts = await PrivateMounts.start(context);
  await mounts.run('mkfs.ext4', '-q', '-O', '^has_journal', image);
  const mount = ['-o', 'loop,errors=remount-ro', image];
  const home = { ...(await initialise(context)), launcher: mounts.launcher };
  await mounts.replace(home.directory, ...mount);
  const daemon = await runDaemon(context, home, SETTINGS);
  const load = await Load.start(context, daemon);
  await daemon.until(() => (load.tokens.length > 0 ? true : undefined));
  const source = await mounts.run('findmnt', '-no', 'SOURCE', `${home.directory}.disk`);
  const device = path.basename(source.trim());
  await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, '1');
  await untilRefused(daemon, load);
  await sleep(OUTAGE_MS);
  await load.stop();
  const { code, lastEvent, stderr } = await daemon.stopAmidFailure();
  assert.deepEqual([code, lastEvent], [1, { event: 'stopped', sessions_ended: 1 }], stderr);
  assert.match(stderr, /error daemon records could not be written: /);
  assert.match(stderr, /records are lost/);

  await mounts.run('umount', home.directory);
  await mounts.run('umount', `${home.directory}.disk`);
  await mounts.run('sh', '-c', `e2fsck -fy ${image} > ${home.directory}.log || [ $? -eq 1 ]`);
  await mounts.run('mount', ...mount, `${home.directory}.disk`);
  await mounts.run('mount', '--bind', `${home.directory}.disk`, home.directory);
  const since = Date.now();
  const again = await runDaemon(context, home, SETTINGS);
  assert.equal((await makeToken(again)).status, 201);
  const recovered = Date.now() - since;
  await again.stop();
  await checkKept(mounts, home, load);
  context.diagnostic(
    `figure: storage-read-only: ${OUTAGE_MS / 1000} s on a file system that became read-only: ` +
      `${told(load)}; mounted anew, it starts and writes within ${recovered} ms; ${load.tokens.length} ` +
      'acknowledged tokens kept once, integrity_check ok',
  );
});
