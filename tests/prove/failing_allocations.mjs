// Lets allocations of memory fail in a daemon, by the library of failing_allocations.cpp.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDaemon } from '../e2e/daemon.mjs';

const LIBRARY =
  process.env.TURNIX_FAILING_ALLOCATIONS_LIBRARY ??
  fileURLToPath(new URL('../../build/dev/tests/prove/libfailing_allocations.so', import.meta.url));
const WORD = 8;
/** Where the words of the plan stand in the file. */
const ASKED = 0;
const FAILED = WORD;
const FIRST = 2 * WORD;

/** A daemon whose allocations can fail: {daemon, allocations}. */
export const runWithFailingAllocations = async (context, home, settings) => {
  const file = path.join(home.directory, 'failing_allocations');
  const plan = await open(file, 'w+');
  await plan.write(Buffer.alloc(4 * WORD), 0, 4 * WORD, 0);
  const read = async (at) => {
    const { buffer } = await plan.read(Buffer.alloc(WORD), 0, WORD, at);
    return Number(buffer.readBigUInt64LE());
  };
  const write = async (first, end) => {
    const words = Buffer.alloc(2 * WORD);
    words.writeBigUInt64LE(BigInt(first), 0);
    words.writeBigUInt64LE(BigInt(end), WORD);
    await plan.write(words, 0, words.length, FIRST);
  };
  const environment = { LD_PRELOAD: LIBRARY, TURNIX_FAILING_ALLOCATIONS: file };
  const daemon = await runDaemon(context, home, settings, environment);
  const allocations = {
    /** How many there were in its life, and how many of them failed. */
    asked: () => read(ASKED),
    failed: () => read(FAILED),
    /** From here on the nth fails, and so do those that follow it, `count` in all. */
    fail: async (nth, count) => {
      const first = (await read(ASKED)) + nth;
      await write(first, first + count);
    },
    succeed: () => write(0, 0),
  };
  return { daemon, allocations };
};
