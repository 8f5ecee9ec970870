// What a daemon says of its own process, and what its database has.
import assert from 'node:assert/strict';
import path from 'node:path';
import { runCommand } from '../e2e/daemon.mjs';
import { readMetrics } from '../e2e/metrics.mjs';

export const MEGABYTE = 1024 * 1024;

/** {sessions, descriptors, residentBytes, cpuSeconds} among them. */
export const processFigures = async (daemon) => {
  const metrics = await readMetrics(daemon);
  return {
    sessions: metrics.turnix_sessions,
    descriptors: metrics.process_open_fds,
    residentBytes: metrics.process_resident_memory_bytes,
    cpuSeconds: metrics.process_cpu_seconds_total,
  };
};

/** The rows of its database. */
export const query = async ({ directory }, sql) => {
  const database = path.join(directory, 'turnixd.db');
  const { code, stdout, stderr } = await runCommand('sqlite3', ['-json', database, sql]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout || '[]');
};
