// Starts the daemon under test in a directory of its own, on ports of the kernel's choice, and stops it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.TURNIXD ?? fileURLToPath(new URL('../../build/dev/turnixd', import.meta.url));
const READY_MS = 15_000;
const STOP_MS = 15_000;

const LOOPBACK = ['127.0.0.1', '::1'];
const hostAndPort = (address, port) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Listeners for these transports on both loopback addresses, on ports of the kernel's choice. */
export const freeListeners = (transports) =>
  transports.flatMap((transport) =>
    LOOPBACK.map((address) => ({ transport, address: hostAndPort(address, 0) })),
  );

/** The addresses that `turnixd init` writes, on ports of the kernel's choice, and the engine under test. */
const FREE_PORTS = {
  'api.address': '127.0.0.1:0',
  'status.address': '127.0.0.1:0',
  'relay.listeners': freeListeners(['udp', 'tcp', 'tls']),
  'relay.engine': process.env.TURNIX_TEST_ENGINE ?? 'auto',
};
export const UNSAFE_LOOPBACK_PEERS = { 'relay.peers.unsafe_allow': ['127.0.0.0/8', '::1/128'] };

/** The command that runs the daemon; settings are keys of the configuration. */
export const runArguments = ({ config }, settings) => [
  'run',
  '--config',
  config,
  ...Object.entries({ ...FREE_PORTS, ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${JSON.stringify(value)}`,
  ]),
];

const steps = new WeakMap();
/** Undoes what a test set up, the last thing first (Node's own hooks run the first thing first). */
export const onEnd = (context, step) => {
  if (!steps.has(context)) {
    steps.set(context, []);
    context.after(async () => {
      const faults = [];
      for (const each of steps.get(context).reverse()) {
        try {
          await each();
        } catch (fault) {
          faults.push(fault); // what were left undone could keep the test from ever ending
        }
      }
      if (faults.length > 0) throw faults[0];
    });
  }
  steps.get(context).push(step);
};

/** The context of a whole suite, for onEnd; to be called in the body of describe(). */
export const suiteContext = () => {
  let atEnd;
  after(() => atEnd?.());
  return {
    after: (step) => {
      atEnd = step;
    },
  };
};

/** Runs a command to its end: {code, stdout, stderr}. */
export const runCommand = (binary, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(binary, args, { timeout: 60_000, ...options });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
      child[stream].on('data', (bytes) => {
        output[stream] += bytes;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });

/** One command of the daemon's own: {code, stdout, stderr}. */
export const turnixd = (...args) => runCommand(BINARY, args);
/** The same, with these variables in its environment. */
export const turnixdWith = (environment, ...args) =>
  runCommand(BINARY, args, { env: { ...process.env, ...environment } });

export const temporaryDirectory = async (context) => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turnixd-test-'));
  onEnd(context, () => rm(directory, { recursive: true, force: true }));
  return directory;
};

/** A data directory as `turnixd init` makes it: {directory, config, token}. */
export const initialise = async (context, ...options) => {
  const directory = path.join(await temporaryDirectory(context), 'data');
  const { code, stdout, stderr } = await turnixd('init', '--data', directory, '--json', ...options);
  if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
  return { directory, ...JSON.parse(stdout) };
};

class Daemon {
  #child;
  #ended;
  #isKilled = false;

  constructor(child, ended, home, ready) {
    this.#child = child;
    this.#ended = ended;
    Object.assign(this, home, ready);
  }

  /** {transport, address, port} of a listener, as TurnClient.connect takes it. */
  server(transport, address = '127.0.0.1') {
    const prefix = hostAndPort(address, '');
    const listener = this.listeners.find(
      (each) => each.transport === transport && each.address.startsWith(prefix),
    );
    if (!listener)
      throw new Error(`no ${transport} listener on ${address}: ${JSON.stringify(this.listeners)}`);
    return { transport, address, port: Number(listener.address.slice(prefix.length)) };
  }

  /** Asks the API, with a JSON body or none: {status, headers, body}. */
  async ask(method, target, body, headers = {}) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.api + target, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...type, ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** POSTs JSON to the API: {status, headers, body}. */
  post(target, body, headers = {}) {
    return this.ask('POST', target, body, headers);
  }

  /** What `look` gives, once it gives something: records take a moment to be written. */
  async until(look) {
    for (let tries = 0; tries < 100; ++tries) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('what was waited for did not come');
  }

  /** A fresh credential: {username, credential, …the answer}. */
  async credential(fields = {}) {
    const { status, body } = await this.post('/api/v1/credentials/ice', fields);
    if (status !== 200) throw new Error(`no credential: ${status} ${JSON.stringify(body)}`);
    return { ...body, ...body.iceServers.find((server) => server.username) };
  }

  /** Sends this process a signal. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Ends it without a word, as a crash would. */
  async kill() {
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  get pid() {
    return this.#child.pid;
  }

  get isKilled() {
    return this.#isKilled;
  }

  /** The process does not run until it is resumed. */
  suspend() {
    this.#child.kill('SIGSTOP');
  }
  resume() {
    this.#child.kill('SIGCONT');
  }

  /** SIGTERM, to this process only: {code, signal, lastEvent, stderr} once it has ended. */
  stop() {
    this.#child.kill('SIGTERM');
    return this.ended();
  }

  /** The same where it is known that not all can end well: the code is the caller's to check. */
  stopAmidFailure() {
    this.#isKilled = true;
    return this.stop();
  }

  /** Waits for its end, as stop() does. */
  async ended() {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    return this.#ended.finally(() => clearTimeout(timer));
  }
}

/**
 * Runs the daemon on a data directory that initialise() made, until the test ends; by way of home.launcher, a
 * command that runs another one, where there is one, home.slowness times slower than otherwise.
 */
export const runDaemon = async (context, home, settings = {}, environment = {}) => {
  const [command, ...before] = [...(home.launcher ?? []), BINARY];
  const child = spawn(command, [...before, ...runArguments(home, settings)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events = [];
  let stderr = '';
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const isReady = new Promise((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => {
      events.push(JSON.parse(line));
      resolve();
    }),
  );
  const ended = new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, lastEvent: events.at(-1), stderr })),
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS * (home.slowness ?? 1));
  await Promise.race([isReady, ended]);
  clearTimeout(timer);
  assert.equal(events[0]?.event, 'ready', `the daemon is not ready: ${stderr}`);
  const daemon = new Daemon(child, ended, home, events[0]);
  onEnd(context, async () => {
    if (!daemon.isKilled) assert.equal((await daemon.stop()).code, 0, stderr);
  });
  return daemon;
};

export const startDaemon = async (context, settings = {}) =>
  runDaemon(context, await initialise(context), settings);
