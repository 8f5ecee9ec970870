// Network namespaces of a test's own, joined by links that it sets: see link_emulator.py.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { onEnd } from './daemon.mjs';

const EMULATOR = fileURLToPath(new URL('link_emulator.py', import.meta.url));
const INSIDE = 'TURNIX_TEST_NAMESPACE';

/** Why there can be no namespaces here; undefined when there can. */
const missing = () => {
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3';
  const probe = ['--net', 'ip', 'tuntap', 'add', 'mode', 'tun', 'name', 'probe0'];
  const { status } = spawnSync('unshare', probe);
  return status === 0 ? undefined : 'network namespaces and TUN devices need root';
};

/**
 * True in a network namespace of this process's own. Elsewhere it declares one test, which runs the whole
 * file anew in such a namespace, or skips and says what is missing.
 */
export const isInNamespace = (file) => {
  if (process.env[INSIDE]) return true;
  const reason = missing();
  test('in namespaces of their own', { skip: reason ?? false }, async (context) => {
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const child = spawn('unshare', ['--net', process.execPath, fileURLToPath(file)], {
      env: { ...environment, [INSIDE]: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(output);
    for (const [figure] of output.matchAll(/figure: .*/g)) context.diagnostic(figure);
  });
  return false;
};

export class LinkEmulator {
  #child;
  #lines;
  #namespaces;

  /** places: {name: [address, …]}; the first is where this process is. */
  static async start(context, places, mtu = 1500) {
    const made = new LinkEmulator();
    made.#child = spawn('python3', [EMULATOR, JSON.stringify({ mtu, places })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    made.#lines = createInterface({ input: made.#child.stdout })[Symbol.asyncIterator]();
    onEnd(context, () => made.#close());
    made.#namespaces = JSON.parse(await made.#answer());
    return made;
  }

  /** The command that runs another one in a place. */
  launcher(place) {
    return ['nsenter', `--net=/proc/${this.#namespaces[place]}/ns/net`];
  }

  /** E.g. ({between: ['north', '*']}, {loss: 0.05, delay_ms: 40}). */
  async set(links, conditions) {
    this.#child.stdin.write(`${JSON.stringify({ ...links, ...conditions })}\n`);
    await this.#answer();
  }

  /** What went over the link from one place to another so far: {taken, delivered}. */
  async counts(from, to) {
    this.#child.stdin.write(`${JSON.stringify({ counts: [from, to] })}\n`);
    return JSON.parse(await this.#answer());
  }

  /** Cuts all links between places of `side` and others; what is cut is lost. */
  async cutApart(side, others, loss = 1) {
    for (const one of side) for (const other of others) await this.set({ between: [one, other] }, { loss });
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the link emulator has ended');
    return value;
  }

  async #close() {
    this.#child.stdin.end();
    await new Promise((resolve) => this.#child.on('close', resolve));
  }
}
