// The other server: Debian's turnserver, set up as near to the daemon as its options allow.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, temporaryDirectory } from '../e2e/daemon.mjs';

const READY_MS = 15_000;

const isFree = (port) =>
  Promise.all([
    new Promise((resolve) => {
      const server = net.createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '::', () => server.close(() => resolve(true)));
    }),
    new Promise((resolve) => {
      const socket = dgram.createSocket('udp6');
      socket.once('error', () => resolve(false));
      socket.bind(port, '::', () => socket.close(() => resolve(true)));
    }),
  ]).then((free) => free.every(Boolean));

/** It takes no port 0. Below the range from which the kernel gives ports to others. */
export const freePort = async () => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
};

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    socket.unref();
  });

/** Runs until the test ends: {server(transport, address)}, as the daemon has it. */
export const startTurnserver = async (context, users, deniedPeers, optedIn) => {
  const directory = await temporaryDirectory(context);
  const port = await freePort();
  const addresses = ['127.0.0.1', '::1'].flatMap((each) => ['-L', each, '-E', each]);
  const accounts = users.flatMap(({ username, credential }) => ['-u', `${username}:${credential}`]);
  const options = [
    ...['-n', '-p', port, ...addresses, '-a', '-r', 'differential', ...accounts],
    ...['--allow-loopback-peers', ...deniedPeers.map((range) => `--denied-peer-ip=${range}`)],
    ...['--no-tls', '--no-dtls', '--no-cli', '--relay-threads', 1, '--stale-nonce=3600'],
    // What would be in every answer, and no server has to say.
    ...['--no-software-attribute', '--no-stun-backward-compatibility'],
    '--response-origin-only-with-rfc5780',
    ...['--userdb', path.join(directory, 'db'), '--pidfile', path.join(directory, 'pid')],
    ...optedIn,
    ...['--log-file', path.join(directory, 'log'), '--simple-log'],
  ];
  const child = spawn('turnserver', options, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  onEnd(context, async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for (const deadline = Date.now() + READY_MS; !(await accepts(port)); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('turnserver did not start');
  }
  return { server: (transport, address = '127.0.0.1') => ({ transport, address, port }) };
};
