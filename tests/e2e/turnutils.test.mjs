// Another implementation's client relays through the daemon to an echo peer without loss: every transport,
// both families, ChannelData and Send indications.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { UNSAFE_LOOPBACK_PEERS, onEnd, runCommand, startDaemon, suiteContext } from './daemon.mjs';

const MESSAGES = 100;
const PAYLOAD_BYTES = 160;

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

// The tool rolls dice: a channel number out of RFC 5766's range, of which RFC 8656 kept a quarter, and an
// EVEN-PORT in every other Allocate. Where the relay has to refuse the roll, the tool gives up before it sends
// anything; it is started again until it rolls what is served.
const REFUSED_ROLL = /channel bind: error 400|error 420/;
const ROLLS_MAX = 200;

const runClient = async (args) => {
  let run;
  for (let rolls = 0; rolls < ROLLS_MAX; ++rolls) {
    run = await runCommand('turnutils_uclient', args);
    if (run.code === 0 || !REFUSED_ROLL.test(run.stdout)) break;
  }
  return run;
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

describe('turnutils_uclient loses nothing', { concurrency: 4 }, () => {
  let daemon, peerPort;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, UNSAFE_LOOPBACK_PEERS);
    peerPort = await startPeer(suite);
  });

  const TRANSPORTS = { udp: [], tcp: ['-t'], tls: ['-t', '-S'] };
  const FAMILIES = { '127.0.0.1': [], '::1': ['-x'] };
  const METHODS = { ChannelData: [], 'Send indications': ['-s'] };

  for (const [transport, transportFlags] of Object.entries(TRANSPORTS)) {
    for (const [address, familyFlags] of Object.entries(FAMILIES)) {
      for (const [method, methodFlags] of Object.entries(METHODS)) {
        test(`${transport}, ${address}, ${method}`, async () => {
          const { username, credential } = await daemon.credential({ ttl: 600 });
          const { port } = daemon.server(transport, address);
          const to = [
            '-u',
            username,
            '-w',
            credential,
            '-p',
            port,
            '-e',
            address,
            '-r',
            peerPort,
            address,
          ];
          const load = ['-c', '-m', 1, '-n', MESSAGES, '-l', PAYLOAD_BYTES, '-z', 5];
          const { code, stdout } = await runClient([
            ...transportFlags,
            ...familyFlags,
            ...methodFlags,
            ...load,
            ...to,
          ]);
          assert.equal(code, 0, stdout);
          assert.deepEqual(figures(stdout), { sent: MESSAGES, received: MESSAGES, lost: 0, dropped: 0 });
        });
      }
    }
  }
});
