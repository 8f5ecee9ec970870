// How clients reach the relay: several transports on one port, protocols by ALPN, and proxies in between.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import net from 'node:net';
import { before, describe, test } from 'node:test';
import tls from 'node:tls';
import { onEnd, runCommand, startDaemon, suiteContext } from './daemon.mjs';
import { CLASS, METHOD, decode, encode, frameBytes } from './stun_message.mjs';
import { TurnClient } from './turn_client.mjs';

/** A port that is free for both TCP and UDP at this moment. */
const freePort = async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve) => socket.bind(port, '127.0.0.1', resolve));
  await Promise.all([server, socket].map((each) => new Promise((resolve) => each.close(resolve))));
  return port;
};

const PROXIED = { client: { address: '192.0.2.77', port: 50_000 }, server: [198, 51, 100, 7, 1, 187] };
const PROXY_HEADER = Buffer.concat([
  Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
  Buffer.from([192, 0, 2, 77, ...PROXIED.server.slice(0, 4), 50_000 >> 8, 50_000 & 255]),
  Buffer.from(PROXIED.server.slice(4)),
]);

/** What the first message is that answers these bytes; undefined when the server closes instead. */
const answerTo = (bytes, port) =>
  new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (frameBytes(received) === undefined) return;
      resolve(decode(received));
      socket.destroy();
    });
    socket.on('error', () => {}); // a reset is an end like any other
    socket.on('close', () => resolve(undefined));
  });

describe('one port for every transport', () => {
  let daemon, port;
  const suite = suiteContext();
  before(async () => {
    port = await freePort();
    daemon = await startDaemon(suite, {
      'relay.dtls.enabled': true,
      'relay.listeners': ['udp', 'dtls', 'tcp', 'tls'].map((transport) => ({
        transport,
        address: `127.0.0.1:${port}`,
      })),
    });
  });

  for (const transport of ['udp', 'tcp', 'tls']) {
    test(`${transport} is served`, async (context) => {
      const client = await TurnClient.connect(daemon.server(transport), await daemon.credential());
      onEnd(context, () => client.close());
      assert.equal((await client.allocate()).errorCode, undefined);
    });
  }

  test('the URLs offer all of them', async () => {
    const { urls } = await daemon.credential();
    assert.deepEqual(urls, [
      `turn:127.0.0.1:${port}?transport=udp`,
      `turn:127.0.0.1:${port}?transport=tcp`,
      `turns:127.0.0.1:${port}?transport=tcp`,
      `turns:127.0.0.1:${port}?transport=udp`,
    ]);
  });

  for (const [version, name] of [
    ['-dtls1_2', 'DTLSv1.2'],
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_3', 'TLSv1.3'],
  ]) {
    const connect = async (alpn) => {
      const command = `openssl s_client ${version} -alpn ${alpn} -connect 127.0.0.1:${port} </dev/null 2>&1`;
      return (await runCommand('sh', ['-c', command])).stdout;
    };
    test(`${name}: ALPN chooses stun.turn, also among others`, async () => {
      const output = await connect('h2,stun.nat-discovery,stun.turn');
      assert.match(output, /ALPN protocol: stun\.turn/);
      assert.match(output, new RegExp(`${name}`));
    });
    test(`${name}: a client of other protocols alone is refused`, async () => {
      assert.match(await connect('h2,http/1.1'), /no application protocol/);
    });
  }

  test('nothing below TLS 1.2 is served, over datagrams neither', async () => {
    for (const version of ['-tls1_1', '-dtls1']) {
      const options = `${version} -cipher DEFAULT@SECLEVEL=0 -connect 127.0.0.1:${port}`;
      const command = `timeout 5 openssl s_client ${options} </dev/null 2>&1`;
      const { stdout } = await runCommand('sh', ['-c', command]);
      assert.doesNotMatch(stdout, /Cipher is ECDHE/);
    }
  });
});

describe('behind a proxy', () => {
  let daemon;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite, { 'relay.proxy_protocol.trusted': ['127.0.0.1/32'] });
  });
  const binding = () => encode({ method: METHOD.binding, class: CLASS.request }).message;

  test('the client is whom the PROXY header names', async () => {
    const answer = await answerTo(Buffer.concat([PROXY_HEADER, binding()]), daemon.server('tcp').port);
    assert.deepEqual(answer.mapped, PROXIED.client);
  });

  test('over TLS as well', async () => {
    const { port } = daemon.server('tls');
    const plain = net.connect(port, '127.0.0.1');
    plain.write(PROXY_HEADER);
    const socket = tls.connect({ socket: plain, rejectUnauthorized: false });
    const answer = await new Promise((resolve, reject) => {
      socket.on('secureConnect', () => socket.write(binding()));
      socket.on('data', (bytes) => resolve(decode(bytes)));
      socket.on('error', reject);
    });
    socket.destroy();
    assert.deepEqual(answer.mapped, PROXIED.client);
  });

  test('without a header, or with one of version 1, there is no service', async () => {
    const { port } = daemon.server('tcp');
    assert.equal(await answerTo(binding(), port), undefined);
    const line = Buffer.from('PROXY TCP4 192.0.2.77 198.51.100.7 50000 443\r\n');
    assert.equal(await answerTo(Buffer.concat([line, binding()]), port), undefined);
  });

  test('who is not trusted is served without a header, and not with one', async () => {
    const open = await startDaemon(suite);
    const { port } = open.server('tcp');
    assert.equal((await answerTo(binding(), port)).mapped.address, '127.0.0.1');
    assert.equal(await answerTo(Buffer.concat([PROXY_HEADER, binding()]), port), undefined);
  });
});
