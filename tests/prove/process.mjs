// What a daemon says of its own process, and what its database has.
import assert from 'node:assert/strict';
import path from 'node:path';
import { runCommand } from '../e2e/daemon.mjs';

export const MEGABYTE = 1024 * 1024;

/** {sessions, descriptors, residentBytes, cpuSeconds} from GET /metrics. */
export const processFigures = async ({ status }) => {
  const text = await (await fetch(`${status}/metrics`, { headers: { connection: 'close' } })).text();
  const value = (name) => Number(text.match(new RegExp(`^${name} (.*)$`, 'm'))[1]);
  return {
    sessions: value('turnix_sessions'),
    descriptors: value('process_open_fds'),
    residentBytes: value('process_resident_memory_bytes'),
    cpuSeconds: value('process_cpu_seconds_total'),
  };
};

/** The rows of its database. */
export const query = async ({ directory }, sql) => {
  const database = path.join(directory, 'turnixd.db');
  const { code, stdout, stderr } = await runCommand('sqlite3', ['-json', database, sql]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout || '[]');
};
