// Health and metrics of a running daemon, read by Prometheus' own programs, and the rules and the dashboard
// that packaging/monitoring/ has for them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onEnd, runCommand, startDaemon, suiteContext, temporaryDirectory } from './daemon.mjs';
import { seriesOf } from './metrics.mjs';
import { TurnClient } from './turn_client.mjs';

const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const MONITORING = here('../../packaging/monitoring/');
const SCRAPE_MS = 15_000;

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const promtool = async (...args) => {
  const { code, stdout, stderr } = await runCommand('promtool', args);
  assert.equal(code, 0, stdout + stderr);
};

/** A Prometheus that scrapes this target every second: {query} once it has done so. */
const startPrometheus = async (context, target) => {
  const directory = await temporaryDirectory(context);
  const port = await freePort();
  const config = path.join(directory, 'prometheus.yaml');
  const shipped = await readFile(path.join(MONITORING, 'prometheus.yaml'), 'utf8');
  await writeFile(
    config,
    shipped
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      .replace('127.0.0.1:9641', target)
      .replace('- alerts.yaml', `- ${MONITORING}alerts.yaml`),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.on('close', resolve));
  onEnd(context, async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const query = async (expression) => {
    const parameters = new URLSearchParams({ query: expression });
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?${parameters}`);
    return response.json();
  };
  for (const until = Date.now() + SCRAPE_MS; ; await sleep(200)) {
    const answer = await query('up == 1').catch(() => undefined);
    if (answer?.data.result.length === 1) return { query };
    assert.ok(Date.now() < until, `no scrape: ${JSON.stringify(answer)}`);
  }
};

describe('health and metrics', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
  });

  const metrics = async (accept = 'text/plain') => {
    const response = await fetch(`${daemon.status}/metrics`, { headers: { accept } });
    assert.equal(response.status, 200);
    return { type: response.headers.get('content-type'), text: await response.text() };
  };

  test('a daemon that serves is healthy and ready, and says its version', async () => {
    const get = async (target) => (await fetch(daemon.status + target)).json();
    assert.deepEqual(await get('/healthz'), { status: 'ok', stuck: [] });
    assert.deepEqual(await get('/readyz'), { ready: true, reasons: [], degraded: [] });
    assert.match((await get('/version')).version, /^\d+\.\d+\.\d+$/);
    assert.equal((await fetch(`${daemon.status}/api/v1/regions`)).status, 404);
  });

  test('promtool finds nothing wrong with the metrics', async (context) => {
    const { type, text } = await metrics();
    assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
    const file = path.join(await temporaryDirectory(context), 'metrics');
    await writeFile(file, text);
    const { code, stdout, stderr } = await runCommand('sh', ['-c', 'promtool check metrics < "$0"', file]);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(Object.keys(seriesOf(text)).length <= 2000);
  });

  test('what is relayed is counted while the session runs, and names nobody', async (context) => {
    const credential = await daemon.credential({ room: 'secret-room', initiator_client: 'secret-alice' });
    const [alice, bob] = await Promise.all(
      ['udp', 'tls'].map((transport) => TurnClient.connect(daemon.server(transport), credential)),
    );
    for (const client of [alice, bob]) onEnd(context, () => client.close());
    const start = seriesOf((await metrics()).text);
    const { relayed: atBob } = await bob.allocate();
    const { relayed: atAlice } = await alice.allocate();
    await alice.createPermission(atBob);
    await bob.createPermission(atAlice);
    alice.send(atBob, 'x'.repeat(1000));
    await bob.receive();
    await sleep(400); // events are taken ten times a second
    const { text } = await metrics();
    const now = seriesOf(text);
    const grew = (name) => now[name] - start[name];
    assert.equal(now.turnix_sessions, start.turnix_sessions + 2);
    assert.equal(grew('turnix_sessions_started_total{transport="udp"}'), 1);
    assert.equal(grew('turnix_sessions_started_total{transport="tls"}'), 1);
    assert.equal(grew('turnix_relayed_bytes_total{direction="uplink"}'), 1000);
    assert.equal(grew('turnix_relayed_bytes_total{direction="downlink"}'), 1000);
    assert.ok(grew('turnix_requests_total{method="allocate"}') >= 2);
    assert.ok(now['turnix_errors_total{code="401"}'] >= 2);
    const route = 'method="POST",route="/api/v1/credentials/ice",status="2xx"';
    assert.ok(now[`turnix_api_requests_total{${route}}`] >= 1);
    const issued = (series) => now[`turnix_api_request_seconds_${series}`];
    assert.ok(issued('count{class="issue",status="2xx"}') >= 1);
    assert.ok(issued('sum{class="issue",status="2xx"}') > 0);
    assert.equal(
      issued('bucket{class="issue",status="2xx",le="+Inf"}'),
      issued('count{class="issue",status="2xx"}'),
    );
    assert.ok(now.turnix_worker_lag_seconds_count >= 1);
    for (const secret of ['secret-', credential.username, '127.0.0.1'])
      assert.ok(!text.includes(secret), secret);
  });

  test('the rules are sound, and each alert fires when it should and not otherwise', async () => {
    await promtool('check', 'rules', `${MONITORING}alerts.yaml`);
    await promtool('check', 'config', `${MONITORING}prometheus.yaml`);
    await promtool('test', 'rules', here('fixtures/alerts_test.yaml'));
  });

  test('Prometheus scrapes it, and takes every expression of the dashboard', async (context) => {
    const openMetrics = await metrics('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
    assert.equal(openMetrics.type, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.ok(openMetrics.text.endsWith('# EOF\n'));
    const { query } = await startPrometheus(context, new URL(daemon.status).host);
    assert.equal((await query('turnix_build_info{job="turnixd"}')).data.result.length, 1);
    const dashboard = JSON.parse(await readFile(path.join(MONITORING, 'dashboard.json'), 'utf8'));
    for (const { title, targets } of dashboard.panels)
      for (const { expr } of targets) {
        const expression = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
        assert.equal((await query(expression)).status, 'success', `${title}: ${expr}`);
      }
  });

  test('rules and dashboard name documented metrics only', async () => {
    const documented = await readFile(here('../../docs/metrics.md'), 'utf8');
    for (const file of ['alerts.yaml', 'dashboard.json']) {
      const text = await readFile(path.join(MONITORING, file), 'utf8');
      for (const [name] of text.matchAll(/\b(turnix|process)_[a-z_]+\b/g)) {
        const family = name.replace(/_(bucket|sum|count)$/, '');
        assert.ok(documented.includes(`| \`${family}\` |`), `${file}: ${name}`);
      }
    }
  });

  test('the guide says of every alert what to do', async () => {
    const guide = await readFile(here('../../docs/operator-guide.md'), 'utf8');
    const said = [...guide.matchAll(/^\| (Turnix[\w, ]+) \|/gm)].flatMap(([, names]) => names.split(', '));
    const rules = await readFile(path.join(MONITORING, 'alerts.yaml'), 'utf8');
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    assert.deepEqual(said.sort(), alerts.sort());
  });
});

test('without status.address nothing is served', async (context) => {
  const daemon = await startDaemon(context, { 'status.address': null });
  assert.equal(daemon.status, null);
});
