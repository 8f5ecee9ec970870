// Another implementation's client relays through the daemon to an echo peer without loss: every combination
// of transport, family, method and option, and every kind of credential.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import {
  UNSAFE_LOOPBACK_PEERS,
  freeListeners,
  startDaemon,
  suiteContext,
  temporaryDirectory,
} from './daemon.mjs';
import { EVERYTHING, runClient, startPeer } from './turnutils.mjs';

// Most of a run is waiting.
const CONCURRENCY = 16;

const TRANSPORTS = { udp: [], tcp: ['-t'], tls: ['-t', '-S'], dtls: ['-S'] };
const FAMILIES = { '127.0.0.1': [], '::1': ['-x'] };
const METHODS = { channels: [], 'Send indications': ['-s'] };
const OPTIONS = { plain: [], padding: ['-D'], 'DONT-FRAGMENT': ['-g'], mobility: ['-M'] };

const CREDENTIALS = {
  'a shared secret': ['-u', 'alice', '-W', 'north'],
  'a shared secret, without a user': ['-W', 'south'],
  'a static user': ['-u', 'alice', '-w', 'wonderland'],
};

/** Settings with two shared secrets and a static user, who may leave the allocations of failed attempts. */
const interopSettings = async (context) => {
  const directory = await temporaryDirectory(context);
  const files = { shared_secrets_file: 'south\nnorth\n', users_file: 'alice:wonderland\n' };
  const settings = { 'relay.limits.allocations_per_credential_max': 1000 };
  for (const [key, text] of Object.entries(files)) {
    settings[`relay.interop.${key}`] = path.join(directory, key);
    await writeFile(path.join(directory, key), text, { mode: 0o600 });
  }
  return settings;
};

describe('turnutils_uclient loses nothing', { concurrency: CONCURRENCY }, () => {
  let daemon, peerPort;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, {
      ...UNSAFE_LOOPBACK_PEERS,
      ...(await interopSettings(suite)),
      'relay.dtls.enabled': true,
      'relay.mobility.enabled': true,
      'relay.listeners': freeListeners(Object.keys(TRANSPORTS)),
    });
    peerPort = await startPeer(suite);
  });

  const sealed = async () => {
    const { username, credential } = await daemon.credential();
    return ['-u', username, '-w', credential];
  };
  const losesNothing = async (transport, address, flags, makeUser = sealed) => {
    const makeOptions = async () => [...flags, ...(await makeUser()), '-e', address, '-r', peerPort];
    assert.deepEqual(await runClient(daemon.server(transport, address), makeOptions), EVERYTHING);
  };

  for (const [transport, transportFlags] of Object.entries(TRANSPORTS))
    for (const [address, familyFlags] of Object.entries(FAMILIES))
      for (const [method, methodFlags] of Object.entries(METHODS))
        for (const [option, optionFlags] of Object.entries(OPTIONS))
          test(`${transport}, ${address}, ${method}, ${option}`, () =>
            losesNothing(transport, address, [
              ...transportFlags,
              ...familyFlags,
              ...methodFlags,
              ...optionFlags,
            ]));

  for (const [name, user] of Object.entries(CREDENTIALS))
    test(`udp with ${name}`, () => losesNothing('udp', '127.0.0.1', [], async () => user));
});
