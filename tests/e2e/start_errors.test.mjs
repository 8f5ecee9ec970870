// What stops a start: each fault is named with its key, its value and the remedy, and the exit code is 1.
import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { initialise, onEnd, runArguments, runDaemon, turnixd } from './daemon.mjs';

/** What a start that fails says on standard error. */
const refusal = async (home, settings = {}) => {
  const { code, stdout, stderr } = await turnixd(...runArguments(home, settings));
  assert.equal(code, 1, stdout + stderr);
  assert.equal(stdout, '');
  return stderr;
};

const assertNames = (text, ...parts) => {
  for (const part of parts) assert.ok(text.includes(part), `${part} is not in: ${text}`);
};

describe('turnixd run refuses to start', () => {
  test('with an unknown key in the configuration, naming file, line and key', async (context) => {
    const home = await initialise(context);
    await appendFile(home.config, '\nunknown_section:\n  colour: red\n');
    assertNames(await refusal(home), home.config, 'unknown_section');
  });

  test('with an unknown key on the command line', async (context) => {
    assertNames(await refusal(await initialise(context), { 'relay.colour': 'red' }), 'relay.colour');
  });

  test('with a certificate that is missing, unreadable or none, naming file and key', async (context) => {
    const home = await initialise(context);
    const garbage = path.join(home.directory, 'garbage.pem');
    await writeFile(garbage, 'not a certificate');
    // A directory is what even root cannot read as a file.
    for (const certificate of [path.join(home.directory, 'missing.pem'), home.directory, garbage]) {
      const text = await refusal(home, { 'relay.tls.certificate': certificate });
      assertNames(text, certificate, 'relay.tls.certificate');
    }
  });

  test('on a port in use, naming the address', async (context) => {
    const other = net.createServer().listen(0, '127.0.0.1');
    onEnd(context, () => other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = `127.0.0.1:${other.address().port}`;
    assertNames(
      await refusal(await initialise(context), {
        'relay.listeners': [{ transport: 'tcp', address }],
      }),
      address,
    );
    assertNames(await refusal(await initialise(context), { 'api.address': address }), address);
  });

  test('on the UDP port of another daemon, instead of taking half its traffic', async (context) => {
    const first = await runDaemon(context, await initialise(context));
    const address = `127.0.0.1:${first.server('udp').port}`;
    assertNames(
      await refusal(await initialise(context), {
        'relay.listeners': [{ transport: 'udp', address }],
      }),
      address,
    );
  });

  test('as the second daemon on one data directory', async (context) => {
    const home = await initialise(context);
    await runDaemon(context, home);
    assertNames(await refusal(home), home.directory);
  });
});
