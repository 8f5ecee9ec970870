// The console with 10,000 sessions stored and 1,000 live ones: how fast its lists come in a browser, and how
// its memory grows while it looks on. Prints two lines of a table; the first argument is how many seconds of
// looking on (300 unless told).
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { signedIn, startBrowser } from '../tests/e2e/console.mjs';
import { UNSAFE_LOOPBACK_PEERS, initialise, onEnd, runCommand, runDaemon } from '../tests/e2e/daemon.mjs';

const STORED = 10_000;
const LIVE = 1_000;
const ROUNDS = 10;
const LOAD = fileURLToPath(new URL('../build/release/turnix-bench', import.meta.url));
const LISTS = {
  '/sessions': '/api/v1/sessions',
  '/rooms': '/api/v1/rooms',
  '/rooms?past': '/api/v1/usage',
  '/clients?past': '/api/v1/usage',
};
const SETTINGS = {
  ...UNSAFE_LOOPBACK_PEERS,
  'relay.limits.allocations_per_credential_max': 65_535,
  'relay.limits.unauthenticated_per_second': 65_535,
  'relay.limits.unauthenticated_burst': 65_535,
};

const seconds = Number(process.argv[2] ?? 300);

/** Sessions of the last thirty days: in 500 rooms, of 2,000 clients. */
const storedSessions = () => {
  const day = 86_400_000;
  const rows = Array.from({ length: STORED }, (_, index) => {
    const started = Date.now() - day - Math.floor((index * 28 * day) / STORED);
    const client = index % 2_000;
    return `(x'${randomBytes(16).toString('hex')}', randomblob(16), (SELECT id FROM projects LIMIT 1),
      'room-${index % 500}', 'caller-${client}', 'callee-${client}', 'local', 'udp', '203.0.113.9:4000',
      '127.0.0.1:3478', '127.0.0.1:50000', ${started}, ${started + 60_000}, ${started + 60_000}, 'client',
      6, 3000, 480000, 3000, 480000)`;
  });
  return `BEGIN;
    INSERT INTO sessions (id, credential_id, project_id, room, initiator_client, receiver_client, region,
    transport, client, server, relayed, started_at_ms, updated_at_ms, ended_at_ms, end_reason, sequence,
    uplink_packets, uplink_bytes, downlink_packets, downlink_bytes) VALUES ${rows.join(',')};
    INSERT INTO usage SELECT id, started_at_ms / 3600000 * 3600000, project_id, uplink_packets, uplink_bytes,
    downlink_packets, downlink_bytes FROM sessions; COMMIT;`;
};

const storeSessions = async ({ directory }) => {
  const script = path.join(directory, 'stored.sql');
  await writeFile(script, storedSessions());
  const database = path.join(directory, 'turnixd.db');
  const { code, stderr } = await runCommand('sqlite3', [database, `.read ${script}`]);
  if (code !== 0) throw new Error(stderr);
};

/** Sessions that relay one datagram a second each way, until the measurement ends. */
const startSessions = async (context, daemon) => {
  const { username, credential } = await daemon.credential({ ttl: 3_600, room: 'crowd' });
  const { address, port } = daemon.server('udp');
  const load = spawn(LOAD, [
    'both', '--server', `${address}:${port}`,
    '--username', username, '--password', credential,
    '--allocations', String(LIVE), '--rate', String(2 * LIVE), '--seconds', String(seconds + 120),
  ]);
  onEnd(context, () => {
    load.kill();
    return once(load, 'close');
  });
  await daemon.until(async () => {
    const { body } = await daemon.ask('GET', '/api/v1/stats');
    return JSON.stringify(body).includes(`"live_sessions":${LIVE}`) || undefined;
  });
};

/** How long the browser waited for each answer to a list, the slowest last; milliseconds. */
const timesOfLists = async ({ page, visit }) => {
  const times = [];
  for (let round = 0; round < ROUNDS; ++round) {
    for (const [place, asked] of Object.entries(LISTS)) {
      await page.evaluate(() => performance.clearResourceTimings());
      await visit(place);
      await page.locator('tbody tr').first().waitFor();
      times.push(
        await page.evaluate(
          (prefix) =>
            Math.max(
              ...performance
                .getEntriesByType('resource')
                .filter(({ name }) => new URL(name).pathname === prefix)
                .map(({ duration }) => duration),
            ),
          asked,
        ),
      );
      await visit('/regions');
    }
  }
  return times.sort((one, other) => one - other);
};

const heapBytes = async (tools) => {
  await tools.send('HeapProfiler.collectGarbage');
  return (await tools.send('Runtime.getHeapUsage')).usedSize;
};

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

const measure = async (context) => {
  const home = await initialise(context);
  await storeSessions(home);
  const daemon = await runDaemon(context, home, SETTINGS);
  await startSessions(context, daemon);
  const console_ = await signedIn(context, daemon, { browser: await startBrowser(context) });
  const { page } = console_;
  const times = await timesOfLists({ page, visit: (place) => console_.visit(place) });
  const median = times[Math.floor(times.length / 2)];
  const waits = `median ${median.toFixed(0)} ms, slowest ${times.at(-1).toFixed(0)} ms`;
  console.log(`| lists, ${times.length} times | ${waits} |`);

  const tools = await page.context().newCDPSession(page);
  for (const place of ['/overview', '/sessions']) {
    await console_.visit(place);
    await pause(5_000);
    const before = await heapBytes(tools);
    await pause((seconds / 2) * 1_000);
    const after = await heapBytes(tools);
    const heap = `${megabytes(before)}, then ${megabytes(after)}`;
    console.log(`| memory of ${place} after ${seconds / 2} s | ${heap} |`);
  }
};

let atEnd;
try {
  await measure({ after: (step) => { atEnd = step; } });
} finally {
  await atEnd?.();
}
