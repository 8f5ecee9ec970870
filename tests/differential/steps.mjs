// What scenarios are made of: attributes, and the steps of a conversation. A step is a value;
// conversation.mjs carries it out against a server.
import { ATTRIBUTE, CLASS, METHOD, uint32 } from '../e2e/stun_message.mjs';

const byte = (value) => Buffer.from([value, 0, 0, 0]);

export const raw = (type, value = '') => [type, Buffer.from(value)];
export const transport = (protocol) => [ATTRIBUTE.requestedTransport, byte(protocol)];
export const udp = transport(17);
export const lifetime = (seconds) => [ATTRIBUTE.lifetime, uint32(seconds)];
export const family = (value) => [ATTRIBUTE.requestedAddressFamily, byte(value)];
export const additionalFamily = (value) => [ATTRIBUTE.additionalAddressFamily, byte(value)];
export const evenPort = (withNext) => [ATTRIBUTE.evenPort, Buffer.from([withNext ? 0x80 : 0])];
export const dontFragment = [ATTRIBUTE.dontFragment, Buffer.alloc(0)];
export const channelNumber = (number) => [ATTRIBUTE.channelNumber, uint32(number * 0x10000)];
export const data = (text) => [ATTRIBUTE.data, Buffer.from(text)];
/** An attribute with these bytes, or with those that the server gave last in this conversation. */
const given = (type) => (value) => [type, value ? Buffer.from(value) : { lastGiven: type }];
export const token = given(ATTRIBUTE.reservationToken);
export const connectionId = given(ATTRIBUTE.connectionId);
export const ticket = given(ATTRIBUTE.mobilityTicket);
export const mobility = raw(ATTRIBUTE.mobilityTicket);

/**
 * XOR-PEER-ADDRESS: 'one' and 'two' are peers on 127.0.0.1, 'six' is one on ::1, 'tcp' accepts connections on
 * 127.0.0.1, 'closed' is a port that nobody listens on, 'relayed a' and 'relayed b' are the clients' relayed
 * addresses; else 'address port'.
 */
export const peer = (name) => [ATTRIBUTE.xorPeerAddress, { name }];

/**
 * A step says by which client (`by`; 'a' unless told), as which user (`as`; alice unless told), and what is
 * special about a request (`but`): what a good client would not do {unsigned, password, username, realm,
 * nonce, offer, without, after}, or need not do {fingerprint, userhash, sha256: where it is offered}.
 */
const step = (fields) => ({
  client: 'a',
  user: 'alice',
  deviation: {},
  ...fields,
  by: (client) => step({ ...fields, client }),
  as: (user) => step({ ...fields, user }),
  but: (deviation) => step({ ...fields, deviation }),
});

export const request = (name, method, ...attributes) =>
  step({ name, kind: 'request', method, attributes });
export const allocate = (...attributes) => request('Allocate', METHOD.allocate, ...attributes);
export const refresh = (...attributes) => request('Refresh', METHOD.refresh, ...attributes);
export const permit = (...attributes) =>
  request('CreatePermission', METHOD.createPermission, ...attributes);
export const bind = (...attributes) => request('ChannelBind', METHOD.channelBind, ...attributes);
export const connect = (...attributes) => request('Connect', METHOD.connect, ...attributes);
export const connectionBind = (...attributes) =>
  request('ConnectionBind', METHOD.connectionBind, ...attributes);
export const binding = (...attributes) =>
  request('Binding', METHOD.binding, ...attributes).but({ unsigned: true });

/** The last request of this client once more, byte for byte. */
export const again = () => step({ name: 'again', kind: 'again' });

/** A message that is no request, or bytes that are no message: does anything come back? */
export const message = (name, method, messageClass, ...attributes) =>
  step({ name, kind: 'message', method, messageClass, attributes });
export const bytes = (name, value) => step({ name, kind: 'bytes', value: Buffer.from(value) });
/** An Allocate that `change` has been at: it takes the bytes and yields others. */
export const changed = (name, change) => step({ name, kind: 'changed', change, attributes: [udp] });

/** Data to a peer, as a Send indication or on a channel: does it arrive? */
export const send = (to, ...attributes) =>
  step({
    name: 'Send',
    kind: 'to peer',
    to,
    method: METHOD.send,
    messageClass: CLASS.indication,
    attributes: attributes.length > 0 ? attributes : [peer(to), data('payload')],
  });
export const say = (to, channel, { payload = 'payload', length, padding = 1 } = {}) =>
  step({ name: 'ChannelData', kind: 'to peer', to, channel, payload, length, padding });

/** A datagram from a peer to the relayed address: what does the client get? */
export const peerSays = (from, payload = 'payload') =>
  step({ name: 'peer', kind: 'from peer', from, payload });
/** Nothing but waiting: what comes unasked, ICMP errors for one? */
export const hears = () => step({ name: 'client', kind: 'hears' });

/** Scenarios under a common name, over UDP to 127.0.0.1 unless told: {title: [[outcome, step]…]}. */
export const scenarios = (group, table, { over = 'udp', at = '127.0.0.1' } = {}) =>
  Object.entries(table).map(([title, steps]) => ({ title: `${group}: ${title}`, over, at, steps }));
