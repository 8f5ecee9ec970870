// A mount namespace of a test's own: file systems that nobody else sees, and that go away with it.
import { spawn, spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { onEnd, runCommand } from '../e2e/daemon.mjs';

/** Why there can be none here; undefined when there can. */
export const missingMounts = () => {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return status === 0 ? undefined : 'mount namespaces need root';
};

export class PrivateMounts {
  #pid;

  static async start(context) {
    const made = new PrivateMounts();
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => holder.on('close', resolve));
    onEnd(context, () => {
      holder.stdin.end();
      return ended;
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    made.#pid = holder.pid;
    return made;
  }

  /** A command that runs another one in it, as runDaemon takes it. */
  get launcher() {
    return ['nsenter', `--mount=/proc/${this.#pid}/ns/mnt`, '--'];
  }

  /** A file in it, as this process reaches it. */
  path(file) {
    return `/proc/${this.#pid}/root${file}`;
  }

  /** Runs a command in it; returns what it says. */
  async run(...command) {
    const [binary, ...args] = [...this.launcher, ...command];
    const { code, stdout, stderr } = await runCommand(binary, args);
    assert.equal(code, 0, `${command.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Copies a directory onto a file system that it mounts, and lets that take the directory's place. */
  async replace(directory, ...mount) {
    const elsewhere = `${directory}.disk`;
    await this.run('mkdir', '-p', elsewhere);
    await this.run('mount', ...mount, elsewhere);
    await this.run('cp', '-a', `${directory}/.`, elsewhere);
    await this.run('sync', '-f', elsewhere);
    await this.run('mount', '--bind', elsewhere, directory);
  }
}
