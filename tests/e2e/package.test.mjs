// The Debian package: what lintian says of it, what is in it, and its life in a clean system, from install to
// purge, where it relays a call. Building that system takes debootstrap, root and a mirror, so it is part of
// the full scale only (TURNIX_PROVE_SCALE=full).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { onEnd, runCommand, suiteContext, temporaryDirectory } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const SOURCE = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = process.env.TURNIXD ? path.dirname(process.env.TURNIXD) : path.join(SOURCE, 'build/dev');
const FULL = process.env.TURNIX_PROVE_SCALE === 'full';
const EXPOSURE_MAX = 2.0;
const CONFIGURATION = '/etc/turnixd/turnixd.yaml';
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const AS_TURNIXD = ['setpriv', '--reuid=turnixd', '--regid=turnixd', '--clear-groups'];

/** Standard output of a command that has to succeed. */
const run = async (binary, args, options = {}) => {
  const { code, stdout, stderr } = await runCommand(binary, args, { timeout: 600_000, ...options });
  assert.equal(code, 0, `${binary} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
};

const exists = (file) =>
  stat(file).then(
    () => true,
    () => false,
  );

describe('the Debian package', () => {
  let file;
  let unpacked;
  const suite = suiteContext();
  before(async () => {
    const directory = await temporaryDirectory(suite);
    await run('cpack', ['--config', path.join(BUILD, 'CPackConfig.cmake'), '-B', directory], { cwd: BUILD });
    const name = (await readdir(directory)).find((each) => each.endsWith('.deb'));
    file = path.join(directory, name);
    unpacked = path.join(directory, 'unpacked');
    await run('dpkg-deb', ['--raw-extract', file, unpacked]);
  });

  test('lintian finds no error', async () => {
    await run('lintian', ['--fail-on', 'error', '--allow-root', file]);
  });

  test('keeps configuration as conffiles, and secrets out of the package', async () => {
    const conffiles = await readFile(path.join(unpacked, 'DEBIAN/conffiles'), 'utf8');
    assert.deepEqual(conffiles.trim().split('\n').sort(), ['/etc/turnixd/regions.yaml', CONFIGURATION]);
    for (const conffile of conffiles.trim().split('\n')) assert.ok(await exists(unpacked + conffile));
    assert.ok(!(await exists(path.join(unpacked, 'var'))));
  });

  test(`systemd takes the unit, and finds it exposed by ${EXPOSURE_MAX} at most`, async () => {
    const unit = path.join(unpacked, 'lib/systemd/system/turnixd.service');
    // verify looks for the commands of the unit on this machine; the package has them in its own tree.
    const local = path.join(path.dirname(file), 'turnixd.service');
    const binary = path.join(unpacked, 'usr/bin/turnixd');
    await run('sh', ['-c', 'sed "s#/usr/bin/turnixd#$1#" "$2" > "$3"', 'sh', binary, unit, local]);
    assert.equal(await run('systemd-analyze', ['verify', '--man=no', local]), '');
    const judged = await run('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit]);
    const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(judged)[1]);
    assert.ok(exposure <= EXPOSURE_MAX, judged);
  });

  test('lets the daemon read how much memory there is, and which ports are kept for it', async () => {
    const unit = await readFile(path.join(unpacked, 'lib/systemd/system/turnixd.service'), 'utf8');
    assert.doesNotMatch(unit, /^ProcSubset=/m);
  });

  test('gives a drain a minute less than systemd gives the service', async () => {
    const unit = await readFile(path.join(unpacked, 'lib/systemd/system/turnixd.service'), 'utf8');
    const configuration = await readFile(unpacked + CONFIGURATION, 'utf8');
    const stop = Number(/^TimeoutStopSec=(\d+)min$/m.exec(unit)[1]) * 60;
    const drain = Number(/timeout_s: (\d+)/.exec(configuration)[1]);
    assert.equal(stop, drain + 60);
  });

  test('documents every command, and completes it', async () => {
    const binary = path.join(BUILD, 'turnixd');
    const help = await run(binary, ['--help']);
    const listed = help.split('Subcommands:')[1].matchAll(/^ {2}([a-z]+)/gm);
    const commands = [...listed].map(([, name]) => name);
    assert.ok(commands.includes('run'), help);
    const page = await readFile(path.join(SOURCE, 'packaging/man/turnixd.8'), 'utf8');
    for (const command of commands) assert.match(page, new RegExp(`^\\.B[RI]? .*\\b${command}\\b`, 'm'));
    const script = path.join(SOURCE, 'packaging/completion/turnixd.bash');
    const complete = async (...words) =>
      (
        await run(
          'bash',
          [
            '-c',
            `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _turnixd; echo "\${COMPREPLY[@]}"`,
            script,
            'turnixd',
            ...words,
          ],
          { env: { ...process.env, PATH: `${BUILD}:${process.env.PATH}` } },
        )
      )
        .trim()
        .split(' ');
    assert.deepEqual(new Set(await complete('')), new Set(commands));
    assert.deepEqual(await complete('chec'), ['check']);
    assert.deepEqual(await complete('check', '--print'), ['--print-effective']);
    assert.deepEqual(await complete('token', 'rev'), ['revoke']);
    assert.deepEqual(await complete('init', '--d'), ['--data']);
    for (const option of ['--config', '--join']) assert.ok((await complete('init', '--')).includes(option));
  });

  test('has every page and file that its pages lead to', async () => {
    const home = path.join(unpacked, 'usr/share/doc/turnixd');
    const pages = (await readdir(home, { recursive: true })).filter((name) => name.endsWith('.md'));
    assert.ok(pages.includes('operator-guide.md') && pages.includes('tutorials/browser-call.md'), pages);
    for (const page of pages) {
      const text = await readFile(path.join(home, page), 'utf8');
      for (const [, target] of text.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g)) {
        assert.ok(await exists(path.resolve(home, path.dirname(page), target)), `${page}: ${target}`);
      }
    }
    const manual = await readFile(path.join(SOURCE, 'packaging/man/turnixd.8'), 'utf8');
    for (const [, target] of manual.replaceAll('\\', '').matchAll(/(\/usr\/share\/doc\S+\.md(?:\.gz)?)/g)) {
      assert.ok(await exists(unpacked + target), target);
    }
  });

  test('lives in a clean system from install to purge', { skip: !FULL }, async (context) => {
    const root = path.join(await temporaryDirectory(context), 'root');
    await run('debootstrap', ['--variant=minbase', 'bookworm', root]);
    const env = { PATH, DEBIAN_FRONTEND: 'noninteractive' };
    const inside = (...command) => run('chroot', [root, ...command], { env });
    await run('cp', [file, path.join(root, 'turnixd.deb')]);
    await inside('apt-get', 'install', '--yes', '--no-install-recommends', '/turnixd.deb');
    await inside(...AS_TURNIXD, 'turnixd', 'check', '--config', CONFIGURATION);
    const token = (await readFile(path.join(root, 'var/lib/turnixd/first-token'), 'utf8')).trim();
    const keys = await readFile(path.join(root, 'var/lib/turnixd/keys.json'), 'utf8');
    await relayOneDatagram(context, root, token);

    await inside('sed', '-i', 's/timeout_s: 900/timeout_s: 901/', CONFIGURATION);
    await inside('dpkg', '--install', '/turnixd.deb');
    assert.match(await readFile(root + CONFIGURATION, 'utf8'), /timeout_s: 901/);
    assert.equal(await readFile(path.join(root, 'var/lib/turnixd/keys.json'), 'utf8'), keys);

    await inside('dpkg', '--remove', 'turnixd');
    assert.ok(await exists(root + CONFIGURATION));
    assert.ok(await exists(path.join(root, 'var/lib/turnixd/keys.json')));
    await inside('dpkg', '--purge', 'turnixd');
    assert.ok(!(await exists(path.join(root, 'etc/turnixd'))));
    assert.ok(!(await exists(path.join(root, 'var/lib/turnixd'))));
  });
});

/** Runs the installed daemon as its user, and sends one datagram from client to client through it. */
const relayOneDatagram = async (context, root, token) => {
  const settings = {
    'relay.listeners': [{ transport: 'udp', address: '127.0.0.1:0' }],
    'api.address': '127.0.0.1:0',
    'status.address': null,
    'drain.timeout_s': 0,
  };
  const overrides = Object.entries(settings).flatMap(([key, value]) => [
    '--set',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const command = ['turnixd', 'run', '--config', CONFIGURATION, ...overrides];
  const child = spawn('chroot', [root, ...AS_TURNIXD, ...command], {
    env: { PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  onEnd(context, () => child.kill('SIGKILL'));
  const ready = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line))),
  );
  const response = await fetch(`${ready.api}/api/v1/credentials/ice`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const credential = (await response.json()).iceServers.find((server) => server.username);
  const port = Number(ready.listeners[0].address.split(':')[1]);
  const server = { transport: 'udp', address: '127.0.0.1', port };
  const [alice, bob] = await Promise.all([0, 1].map(() => TurnClient.connect(server, credential)));
  for (const client of [alice, bob]) onEnd(context, () => client.close());
  const [{ relayed: atAlice }, { relayed: atBob }] = [await alice.allocate(), await bob.allocate()];
  await alice.createPermission(atBob);
  await bob.createPermission(atAlice);
  alice.send(atBob, 'hello');
  await bob.receive();
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
};
