// The files of packaging/ that no test can run for want of a container engine: what they say to turnixd is
// checked by turnixd itself, and here that the files, volumes and ports exist which they name.
import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '@redocly/openapi-core';
import { initialise, temporaryDirectory, turnixdWith } from './daemon.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));
const read = (name) => readFile(path.join(PACKAGING, name), 'utf8');

/** A configuration is checked where its files are this test's. */
const assertNoFault = async (context, config, environment = {}, upstreamFile = false) => {
  const home = await initialise(context);
  const upstream = path.join(home.directory, 'upstream');
  await writeFile(upstream, 'postgresql://turnixd@127.0.0.1/turnixd', { mode: 0o600 });
  const { code, stderr } = await turnixdWith(
    environment,
    'check',
    '--config',
    config ?? home.config,
    ...[
      `data.directory=${home.directory}`,
      `data.key_ring_file=${home.directory}/keys.json`,
      `node.regions_file=${home.directory}/regions.yaml`,
      `relay.tls.certificate=${home.directory}/certificate.pem`,
      `relay.tls.private_key=${home.directory}/private_key.pem`,
      ...(upstreamFile ? [`store.upstream_file=${upstream}`] : []),
    ].flatMap((setting) => ['--set', setting]),
  );
  assert.equal(code, 0, stderr);
};

test("the package's configuration has no fault", async (context) => {
  await assertNoFault(context, path.join(PACKAGING, 'debian/turnixd.yaml'));
});

test('the variables of compose.yaml are keys, with values that they take', async (context) => {
  const services = (await read('container/compose.yaml')).split(/^ {2}(?=[a-z-]+:$)/m);
  const environments = services.map((text) =>
    Object.fromEntries(
      [...text.matchAll(/^ +(TURNIXD__[A-Z_]+): (.*)$/gm)].map(([, name, value]) => [
        name,
        value.replace(/^(["'])(.*)\1$/, '$2'),
      ]),
    ),
  );
  assert.equal(environments.filter((each) => 'TURNIXD__NODE__REGION' in each).length, 3);
  for (const environment of environments) await assertNoFault(context, undefined, environment);
});

test("the Kubernetes manifest's configuration has no fault, and its times fit", async (context) => {
  const manifest = await read('kubernetes/turnixd.yaml');
  const [, block] = /^ {2}turnixd\.yaml: \|\n((?: {4}.*\n)+)/m.exec(manifest);
  const config = path.join(await temporaryDirectory(context), 'turnixd.yaml');
  await writeFile(config, block.replaceAll(/^ {4}/gm, ''));
  assert.match(block, /store: \{upstream_file: /, 'the relays share no tenants');
  assert.doesNotMatch(block, /(api|status): .*0\.0\.0\.0/, 'plain HTTP on all addresses');
  const variables = [...manifest.matchAll(/\{name: (TURNIXD__\w+), value: "?([^"}]+)"?\}/g)];
  assert.equal(variables.length, 3);
  const environment = variables.map(([, name, value]) => [name, value.replace('$(HOST_IP)', '192.0.2.1')]);
  await assertNoFault(context, config, Object.fromEntries(environment), true);
  const drain = Number(/timeout_s: (\d+)/.exec(block)[1]);
  assert.equal(Number(/terminationGracePeriodSeconds: (\d+)/.exec(manifest)[1]), drain + 60);
});

test('compose.yaml names files, volumes and services that there are', async () => {
  const { services, volumes } = parseYaml(await read('container/compose.yaml'));
  const place = path.join(PACKAGING, 'container');
  for (const [name, service] of Object.entries(services)) {
    if (service.build) {
      const context = path.resolve(place, service.build.context);
      await access(path.join(context, service.build.dockerfile));
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (source.startsWith('.')) await access(path.resolve(place, source));
      else assert.ok(source in volumes, `${name}: ${volume}`);
    }
    for (const needed of Object.keys(service.depends_on ?? {}))
      assert.ok(needed in services, `${name}: ${needed}`);
  }
});

test('Grafana finds the Prometheus of compose.yaml, and the dashboard', async () => {
  const { services } = parseYaml(await read('container/compose.yaml'));
  const { datasources } = parseYaml(await read('container/grafana/datasource.yaml'));
  const listens = services.prometheus.command.find((each) => each.startsWith('--web.listen-address='));
  assert.equal(datasources[0].url, `http://${listens.split('=')[1]}`);
  const { providers } = parseYaml(await read('container/grafana/dashboards.yaml'));
  const targets = services.grafana.volumes.map((volume) => volume.split(':')[1]);
  assert.ok(targets.includes(`${providers[0].options.path}/turnixd.json`), targets);
});

test("a container's build gets neither keys nor what was built here", async () => {
  const ignored = (await readFile(path.join(PACKAGING, '../.dockerignore'), 'utf8')).split('\n');
  for (const name of ['.turnix', 'build', '**/node_modules']) assert.ok(ignored.includes(name), name);
});

test('Prometheus scrapes every node of compose.yaml', async () => {
  const { services } = parseYaml(await read('container/compose.yaml'));
  const addresses = Object.values(services)
    .filter(({ environment }) => environment?.TURNIXD__NODE__REGION)
    .map(({ environment }) => environment.TURNIXD__STATUS__ADDRESS ?? '127.0.0.1:9641');
  const { scrape_configs: jobs } = parseYaml(await read('container/prometheus.yaml'));
  assert.deepEqual(jobs[0].static_configs[0].targets, addresses);
});

test('the Containerfile copies what there is', async () => {
  const lines = (await read('container/Containerfile')).matchAll(/^COPY (?!--from)(?:--\S+ )?(\S+) /gm);
  const sources = [...lines].map(([, source]) => source);
  assert.ok(sources.length > 0);
  for (const source of sources) await access(path.resolve(PACKAGING, '..', source));
});

test('the Kubernetes manifests name each other, their volumes and their ports right', async () => {
  const documents = (await read('kubernetes/turnixd.yaml')).split(/^---$/m).map((text) => parseYaml(text));
  const of = (kind) => documents.find((each) => each.kind === kind);
  for (const { apiVersion, kind, metadata } of documents) {
    assert.ok(apiVersion && kind && metadata.name, JSON.stringify({ apiVersion, kind, metadata }));
    if (kind !== 'Namespace') assert.equal(metadata.namespace, of('Namespace').metadata.name);
  }
  const { selector, template } = of('DaemonSet').spec;
  assert.deepEqual(template.metadata.labels, selector.matchLabels);
  assert.deepEqual(of('Service').spec.selector, selector.matchLabels);
  const { containers, initContainers, volumes } = template.spec;
  const declared = volumes.map(({ name }) => name);
  for (const { volumeMounts } of [...containers, ...initContainers])
    for (const { name } of volumeMounts) assert.ok(declared.includes(name), name);
  const { configMap } = volumes.find((each) => each.configMap);
  assert.equal(configMap.name, of('ConfigMap').metadata.name);
  const ports = containers[0].ports.map(({ name }) => name);
  for (const probe of ['livenessProbe', 'readinessProbe'])
    assert.ok(ports.includes(containers[0][probe].httpGet.port), probe);
  for (const { targetPort } of of('Service').spec.ports) assert.ok(ports.includes(targetPort), targetPort);
});
