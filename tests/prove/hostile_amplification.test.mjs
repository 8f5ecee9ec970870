// What strangers get for what they send, on the wire with IP and UDP headers: no answer is worth a forged
// address.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { startDaemon, suiteContext } from '../e2e/daemon.mjs';
import { isInNamespace } from '../e2e/link_emulator.mjs';
import { ATTRIBUTE, CLASS, METHOD, decode, encode } from '../e2e/stun_message.mjs';
import { Wire, payloadOf, udpPacket } from './wire.mjs';

const PORT = 3478;
const FAMILIES = {
  IPv4: { node: '10.79.0.1', listener: `10.79.0.1:${PORT}`, stranger: '198.51.100.7' },
  IPv6: { node: '2001:db8:79::1', listener: `[2001:db8:79::1]:${PORT}`, stranger: '2001:db8:7::7' },
};
const BINDING_RATIO_MAX = 1.6;
const CHALLENGE_BYTES_MAX = 100;
const COOKIE_BYTES_MAX = 60;
/** A challenge to a request of nothing but a header is what is longest beside its request. */
const RATIO_MAX = 2.6;

const stun = (method, attributes = [], key = undefined) =>
  encode({ method, class: CLASS.request, attributes, key }).message;
const indication = (method, attributes = []) =>
  encode({ method, class: CLASS.indication, attributes }).message;
const UDP_TRANSPORT = [ATTRIBUTE.requestedTransport, Buffer.from([17, 0, 0, 0])];
const KEY = randomBytes(16);
const identity = (nonce) => [
  [ATTRIBUTE.username, 'somebody'],
  [ATTRIBUTE.realm, 'realm.ab'],
  [ATTRIBUTE.nonce, nonce],
];

/** RFC 6347 §4.2.1: the shortest ClientHello that offers what the relay takes. */
const clientHello = () => {
  const extensions = Buffer.from('000a00040002001d000d00040002040300230000', 'hex');
  const body = Buffer.concat([
    Buffer.from('fefd', 'hex'),
    randomBytes(32),
    Buffer.from('00000002c02b0100', 'hex'),
    Buffer.from([0, extensions.length]),
    extensions,
  ]);
  const head = Buffer.from([1, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length]);
  const record = Buffer.from(`16feff000000000000000000${(head.length + body.length).toString(16)}`, 'hex');
  return Buffer.concat([record, head, body]);
};

const dtlsData = () => Buffer.concat([Buffer.from('17fefd00010000000000000040', 'hex'), randomBytes(64)]);
const channelData = () => Buffer.concat([Buffer.from('40000064', 'hex'), Buffer.alloc(100)]);

/** What a stranger sends: its name, the datagram, and the error code of the answer; undefined is silence. */
const REQUESTS = [
  ['Binding', () => stun(METHOD.binding), 'success'],
  ['Binding with a required attribute that nobody knows', () => stun(METHOD.binding, [[0x7777, '']]), 420],
  ['Allocate', () => stun(METHOD.allocate, [UDP_TRANSPORT]), 401],
  ['Refresh', () => stun(METHOD.refresh), 401],
  ['CreatePermission', () => stun(METHOD.createPermission), 401],
  ['ChannelBind', () => stun(METHOD.channelBind), 401],
  ['Connect', () => stun(METHOD.connect), 401],
  ['ConnectionBind', () => stun(METHOD.connectionBind), 401],
  ['Allocate, signed without a nonce', () => stun(METHOD.allocate, [UDP_TRANSPORT], KEY), 400],
  ['Allocate, signed with a made-up nonce', () => stun(METHOD.allocate, identity('made-up'), KEY), 438],
  ['Allocate, cut short', () => stun(METHOD.allocate, [UDP_TRANSPORT]).subarray(0, 24), undefined],
  ['an unknown method', () => stun(0x0ff), undefined],
  ['Binding indication', () => indication(METHOD.binding), undefined],
  ['Send indication', () => indication(METHOD.send, [[ATTRIBUTE.data, Buffer.alloc(100)]]), undefined],
  ['Binding success', () => encode({ method: METHOD.binding, class: CLASS.success }).message, undefined],
  ['Allocate error', () => encode({ method: METHOD.allocate, class: CLASS.error }).message, undefined],
  ['channel data', channelData, undefined],
  ['ClientHello without a cookie', clientHello, 'cookie'],
  ['a DTLS record without a session', dtlsData, undefined],
  ['what is no protocol', () => Buffer.from('hello, is anybody here?'), undefined],
  ['nothing', () => Buffer.alloc(0), undefined],
];

const HELLO_VERIFY_REQUEST = 3;
const kindOf = (payload) => {
  if (payload[0] === 22) return payload[13] === HELLO_VERIFY_REQUEST ? 'cookie' : 'a flight';
  const { errorCode } = decode(payload);
  return errorCode ?? 'success';
};

const amplification = () => {
  let wire;
  const suite = suiteContext();
  before(async () => {
    wire = await Wire.start(
      suite,
      Object.values(FAMILIES).map(({ node }) => node),
    );
    await startDaemon(suite, {
      'relay.realm': 'realm.ab',
      'relay.dtls.enabled': true,
      'relay.listeners': ['udp', 'dtls'].flatMap((transport) =>
        Object.values(FAMILIES).map(({ listener }) => ({ transport, address: listener })),
      ),
    });
  });

  for (const [family, { node, stranger }] of Object.entries(FAMILIES)) {
    test(`a stranger gets little over ${family}`, async (context) => {
      const rows = [];
      for (const [index, [name, make, expected]] of REQUESTS.entries()) {
        const payload = make();
        const from = { address: stranger, port: 40_000 + index };
        const packet = udpPacket({ from, to: { address: node, port: PORT }, payload });
        const answers = await wire.ask(packet, { isAnswered: expected !== undefined });
        const kinds = answers.map((each) => kindOf(payloadOf(each)));
        assert.deepEqual(kinds, expected === undefined ? [] : [expected], name);
        const [answer] = answers;
        if (!answer) continue;
        const answerBytes = payloadOf(answer).length;
        const ratio = answer.length / packet.length;
        if (expected === 'success') assert.ok(ratio <= BINDING_RATIO_MAX, `${name}: ${ratio}`);
        if (expected === 401) assert.ok(answerBytes <= CHALLENGE_BYTES_MAX, `${name}: ${answerBytes}`);
        if (expected === 'cookie')
          assert.ok(answerBytes <= COOKIE_BYTES_MAX && ratio < 1, `${name}: ${answerBytes}`);
        assert.ok(ratio <= RATIO_MAX, `${name}: ${ratio}`);
        rows.push(
          `${name} ${packet.length} → ${answer.length} (${ratio.toFixed(2)}, payload ${answerBytes})`,
        );
      }
      const silent = REQUESTS.filter(([, , expected]) => !expected).length;
      context.diagnostic(
        `figure: hostile-amplification: ${family}, bytes on the wire: ${rows.join('; ')}; ` +
          `${silent} other kinds of datagrams: silence`,
      );
    });
  }
};

if (isInNamespace(import.meta.url)) describe('hostile: amplification', amplification);
