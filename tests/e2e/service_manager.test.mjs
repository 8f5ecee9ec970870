// What a service manager is told: that the daemon is ready, that it turns, that it stops (sd_notify(3)).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { initialise, onEnd, runDaemon, temporaryDirectory } from './daemon.mjs';

const WAIT_MS = 10_000;

// Node has no datagram sockets in the file system.
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
`;

/** A socket as $NOTIFY_SOCKET names it: {path, until(text)}. */
const listen = async (context) => {
  const socket = path.join(await temporaryDirectory(context), 'notify');
  const receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onEnd(context, () => receiver.kill('SIGKILL'));
  const said = [];
  let wake = () => {};
  createInterface({ input: receiver.stdout }).on('line', (line) => {
    said.push(line);
    wake();
  });
  /** Waits for that to be said, and forgets what was said before it. */
  const until = async (text) => {
    const timer = setTimeout(() => assert.fail(`not said: ${text}; said: ${said.join(' ')}`), WAIT_MS);
    while (!said.includes(text))
      await new Promise((resolve) => {
        wake = resolve;
      });
    clearTimeout(timer);
    said.splice(0, said.indexOf(text) + 1);
  };
  await until('bound');
  return { path: socket, until };
};

test('the service manager hears of start, life and end', async (context) => {
  const manager = await listen(context);
  const daemon = await runDaemon(context, await initialise(context), {}, { NOTIFY_SOCKET: manager.path });
  await manager.until('READY=1');
  await manager.until('WATCHDOG=1');
  await manager.until('WATCHDOG=1');
  daemon.signal('SIGTERM');
  await manager.until('STOPPING=1');
  assert.equal((await daemon.ended()).code, 0);
});
