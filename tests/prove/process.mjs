// What a daemon says of its own process, and what its database has.
import assert from 'node:assert/strict';
import path from 'node:path';
import { runCommand } from '../e2e/daemon.mjs';

export const MEGABYTE = 1024 * 1024;

/** {names with their labels: values} from GET /metrics. */
export const metricsOf = async ({ status }) => {
  const text = await (await fetch(`${status}/metrics`, { headers: { connection: 'close' } })).text();
  const values = text.matchAll(/^([a-z_]+(?:\{[^}]*\})?) (\S+)$/gm);
  return Object.fromEntries([...values].map(([, name, value]) => [name, Number(value)]));
};

/** {sessions, descriptors, residentBytes, cpuSeconds} among them. */
export const processFigures = async (daemon) => {
  const metrics = await metricsOf(daemon);
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
