// A PostgreSQL server of Debian's package in a directory of its own, on a Unix socket only. It refuses to run
// as root: there it is the package's user that runs it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onEnd, runCommand, temporaryDirectory } from './daemon.mjs';

const INSTALLED = '/usr/lib/postgresql';
const USER = 'turnixd';
const DATABASE = 'postgres';

/** Of the newest version there is. */
const programs = async () => {
  const versions = await readdir(INSTALLED);
  versions.sort((a, b) => Number(b) - Number(a));
  return path.join(INSTALLED, versions[0], 'bin');
};

const numberOf = async (...args) => {
  const { code, stdout, stderr } = await runCommand('id', args);
  assert.equal(code, 0, stderr);
  return Number(stdout);
};

class Postgres {
  #directory;
  #programs;
  #asUser;
  #server;
  #ended;

  constructor(directory, programs, asUser) {
    this.#directory = directory;
    this.#programs = programs;
    this.#asUser = asUser;
  }

  /** As store.upstream takes it. */
  get url() {
    return `postgresql://${USER}@/${DATABASE}?host=${encodeURIComponent(this.#directory)}`;
  }

  async initialise() {
    const [command, ...args] = [
      ...this.#asUser,
      path.join(this.#programs, 'initdb'),
      `--pgdata=${this.#directory}/data`,
      `--username=${USER}`,
      '--auth=trust',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ];
    const { code, stderr } = await runCommand(command, args, { cwd: this.#directory });
    assert.equal(code, 0, stderr);
  }

  /** Serves when it returns. */
  async start() {
    const settings = {
      unix_socket_directories: this.#directory,
      listen_addresses: '',
      max_connections: 20,
      lc_messages: 'C',
    };
    const [command, ...args] = [
      ...this.#asUser,
      path.join(this.#programs, 'postgres'),
      '-D',
      `${this.#directory}/data`,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ];
    this.#server = spawn(command, args, { cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#server.on('close', resolve));
    let said = '';
    const isReady = new Promise((resolve) =>
      createInterface({ input: this.#server.stderr }).on('line', (line) => {
        said += `${line}\n`;
        if (line.includes('ready to accept connections')) resolve(true);
      }),
    );
    assert.equal(await Promise.race([isReady, this.#ended]), true, said);
  }

  /** Ends every connection, and is gone when it returns; `SIGQUIT` is as a crash. */
  async stop(signal = 'SIGINT') {
    this.#server.kill(signal);
    await this.#ended;
  }

  /** The rows of a query, each an object. */
  async query(sql) {
    const psql = path.join(this.#programs, 'psql');
    const wrapped = `select coalesce(json_agg(found_row), '[]') from (${sql}) as found_row`;
    const args = ['-h', this.#directory, '-U', USER, '-d', DATABASE, '-At', '-c', wrapped];
    const { code, stdout, stderr } = await runCommand(psql, args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }
}

/** Runs until the test ends. */
export const startPostgres = async (context) => {
  const directory = path.join(await temporaryDirectory(context), 'postgres');
  await mkdir(directory);
  const isRoot = process.getuid() === 0;
  if (isRoot) {
    await chown(directory, await numberOf('-u', 'postgres'), await numberOf('-g', 'postgres'));
    await chmod(path.dirname(directory), 0o755);
  }
  const asUser = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  const postgres = new Postgres(directory, await programs(), asUser);
  await postgres.initialise();
  await postgres.start();
  onEnd(context, () => postgres.stop());
  return postgres;
};
