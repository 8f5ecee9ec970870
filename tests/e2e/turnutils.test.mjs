// Another implementation's client relays through the daemon to an echo peer without loss: every transport,
// both families, ChannelData and Send indications, sealed credentials and those of other servers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  UNSAFE_LOOPBACK_PEERS,
  onEnd,
  runCommand,
  startDaemon,
  suiteContext,
  temporaryDirectory,
} from './daemon.mjs';

const MESSAGES = 50;
const PAYLOAD_BYTES = 160;
const EVERYTHING = { sent: MESSAGES, received: MESSAGES, lost: 0, dropped: 0 };
const LOAD = ['-c', '-m', 1, '-n', MESSAGES, '-l', PAYLOAD_BYTES];

const freePort = async () => {
  const socket = dgram.createSocket('udp6');
  await new Promise((resolve) => socket.bind(0, '::', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
};

const startPeer = async (context) => {
  const port = await freePort();
  const child = spawn('turnutils_peer', ['-p', port, '-L', '127.0.0.1', '-L', '::1'], {
    stdio: 'ignore',
  });
  onEnd(context, () => child.kill());
  await sleep(500);
  assert.equal(child.exitCode, null, 'turnutils_peer did not start');
  return port;
};

/** The figures of its last lines; throws when they are not there. */
const figures = (output) => {
  const all = [...output.matchAll(/start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)/g)];
  const lost = output.match(/Total lost packets (\d+) \([\d.]+%\), total send dropped (\d+) /);
  assert.ok(all.length === 1 && lost, `no summary in: ${output}`);
  return {
    sent: Number(all[0][1]),
    received: Number(all[0][2]),
    lost: Number(lost[1]),
    dropped: Number(lost[2]),
  };
};

// The tool rolls dice for a channel number out of RFC 5766's range, of which RFC 8656 kept a quarter. When
// the relay has to refuse the roll, it gives up and sends nothing: it is started over, because that says
// nothing of the relay.
const REFUSED_ROLL = /channel bind: error 400/;
const PATIENCE_MS = 120_000;

/** Runs the tool with what `makeArguments` says, each time anew: an attempt that failed left allocations. */
const runClient = async (makeArguments) => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { code, stdout } = await runCommand('turnutils_uclient', await makeArguments());
    if (code !== 0 && REFUSED_ROLL.test(stdout) && Date.now() < deadline) continue;
    assert.equal(code, 0, stdout);
    return figures(stdout);
  }
};

/** Settings with two shared secrets and a static user, who may leave the allocations of failed attempts. */
const interopSettings = async (context) => {
  const directory = await temporaryDirectory(context);
  const files = { shared_secrets_file: 'south\nnorth\n', users_file: 'alice:wonderland\n' };
  const settings = { 'relay.limits.allocations_per_credential_max': 1000 };
  for (const [key, text] of Object.entries(files)) {
    settings[`relay.interop.${key}`] = path.join(directory, key);
    await writeFile(path.join(directory, key), text, { mode: 0o600 });
  }
  return settings;
};

describe('turnutils_uclient loses nothing', { concurrency: 4 }, () => {
  let daemon, peerPort;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, { ...UNSAFE_LOOPBACK_PEERS, ...(await interopSettings(suite)) });
    peerPort = await startPeer(suite);
  });

  const TRANSPORTS = { udp: ['-z', 5], tcp: ['-t', '-z', 5], tls: ['-t', '-S', '-z', 5] };
  const FAMILIES = { '127.0.0.1': [], '::1': ['-x'] };
  const METHODS = { ChannelData: [], 'Send indications': ['-s'] };

  for (const [transport, transportFlags] of Object.entries(TRANSPORTS)) {
    for (const [address, familyFlags] of Object.entries(FAMILIES)) {
      for (const [method, methodFlags] of Object.entries(METHODS)) {
        test(`${transport}, ${address}, ${method}`, async () => {
          const { port } = daemon.server(transport, address);
          const flags = [...transportFlags, ...familyFlags, ...methodFlags];
          const makeArguments = async () => {
            const { username, credential } = await daemon.credential();
            const user = ['-u', username, '-w', credential];
            return [...flags, ...LOAD, ...user, '-p', port, '-e', address, '-r', peerPort, address];
          };
          assert.deepEqual(await runClient(makeArguments), EVERYTHING);
        });
      }
    }
  }

  const USERS = {
    'a shared secret': ['-u', 'alice', '-W', 'north'],
    'a shared secret, without a user': ['-W', 'south'],
    'a static user': ['-u', 'alice', '-w', 'wonderland'],
  };
  for (const [name, user] of Object.entries(USERS)) {
    test(name, async () => {
      const address = '127.0.0.1';
      const { port } = daemon.server('udp', address);
      const flags = [
        ...TRANSPORTS.udp,
        ...LOAD,
        ...user,
        '-p',
        port,
        '-e',
        address,
        '-r',
        peerPort,
        address,
      ];
      assert.deepEqual(await runClient(async () => flags), EVERYTHING);
    });
  }
});
