// The main job: an application asks for credentials, two browsers talk through the relay only.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeTrustedCertificate } from './certificates.mjs';
import { call, figuresWithVideo, openTwoPages, sendNumbers } from './chromium.mjs';
import { startDaemon, suiteContext, temporaryDirectory } from './daemon.mjs';
import { requestAsJavaScript } from './sdk.mjs';

const MESSAGES = 10_000;

const iceServersOf = ({ api, token }) =>
  requestAsJavaScript(
    { apiUrl: `${api}/api/v1/credentials/ice`, token },
    { room: 'demo', initiator_client: 'alice', receiver_client: 'bob' },
  );

const assertWholeCall = async (pages, iceServers, relayProtocols) => {
  await call(pages, iceServers);
  assert.deepEqual(await sendNumbers(pages, MESSAGES), { count: MESSAGES, inOrder: true });
  for (const page of pages) {
    const { localType, remoteType, relayProtocol } = await figuresWithVideo(page);
    assert.deepEqual({ localType, remoteType }, { localType: 'relay', remoteType: 'relay' });
    assert.ok(relayProtocols.includes(relayProtocol), relayProtocol);
  }
};

describe('two pages, 10,000 messages and video', () => {
  let daemon, trusted;
  const suite = suiteContext();
  before(async () => {
    trusted = await makeTrustedCertificate(suite);
    daemon = await startDaemon(suite, {
      'relay.tls.certificate': trusted.certificate,
      'relay.tls.private_key': trusted.privateKey,
    });
  });

  for (const [relayProtocol, url] of [
    ['udp', /^turn:.*udp$/],
    ['tcp', /^turn:.*tcp$/],
    ['tls', /^turns:/],
  ]) {
    test(`over ${relayProtocol} only`, async (context) => {
      const iceServers = await iceServersOf(daemon);
      const only = iceServers
        .map((server) => ({ ...server, urls: server.urls.filter((each) => url.test(each)) }))
        .filter((server) => server.urls.length > 0);
      assert.equal(only.length, 1);
      await assertWholeCall(await openTwoPages(context, trusted.home), only, [relayProtocol]);
    });
  }
});

test('two pages on the machine of a daemon with the default configuration', async (context) => {
  const daemon = await startDaemon(context);
  const pages = await openTwoPages(context, await temporaryDirectory(context));
  await assertWholeCall(pages, await iceServersOf(daemon), ['udp', 'tcp', 'tls']);
});
