// Another implementation's client, turnutils_uclient, and its echo peer, turnutils_peer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, runCommand } from './daemon.mjs';

const MESSAGES = 50;
const PAYLOAD_BYTES = 160;
const INTERVAL_MS = 5;
/** One client, without the second port for RTCP. */
const LOAD = ['-c', '-m', 1, '-n', MESSAGES, '-l', PAYLOAD_BYTES, '-z', INTERVAL_MS];
/** What runClient yields when nothing was lost. */
export const EVERYTHING = { sent: MESSAGES, received: MESSAGES, lost: 0, dropped: 0 };

// The tool rolls dice for a channel number out of RFC 5766's range, of which RFC 8656 kept a quarter. When
// the relay has to refuse the roll, it gives up and sends nothing: it is started over, because that says
// nothing of the relay.
const REFUSED_ROLL = /channel bind: error 400/;
const PATIENCE_MS = 120_000;

/** A UDP port that is free at this moment on every address. */
export const freePort = async () => {
  const socket = dgram.createSocket('udp6');
  await new Promise((resolve) => socket.bind(0, '::', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
};

/**
 * The port of a peer that echoes until the test ends, by way of `launcher`, a command that runs another one,
 * where there is one.
 */
export const startPeer = async (context, { addresses = ['127.0.0.1', '::1'], launcher = [] } = {}) => {
  const port = await freePort();
  const peer = ['turnutils_peer', '-p', port, ...addresses.flatMap((each) => ['-L', each])];
  const [command, ...args] = [...launcher, ...peer];
  const child = spawn(command, args, { stdio: 'ignore' });
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

/**
 * Relays the load through a server {address, port} with the options that `makeOptions` says, each time anew:
 * an attempt that failed left allocations. Yields {sent, received, lost, dropped}.
 */
export const runClient = async ({ address, port }, makeOptions) => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const options = [...LOAD, ...(await makeOptions()), '-p', port, address];
    const { code, stdout } = await runCommand('turnutils_uclient', options);
    if (code !== 0 && REFUSED_ROLL.test(stdout) && Date.now() < deadline) continue;
    assert.equal(code, 0, stdout);
    return figures(stdout);
  }
};
