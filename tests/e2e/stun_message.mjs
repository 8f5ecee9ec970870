// STUN and TURN messages as the tests need them (RFC 8489 §5, §14; RFC 8656 §18): one reader, one writer.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import net from 'node:net';

const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const FINGERPRINT_MASK = 0x5354554e;

export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
  connect: 0x00a,
  connectionBind: 0x00b,
};
export const CLASS = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 };
export const ATTRIBUTE = {
  mappedAddress: 0x0001,
  changeRequest: 0x0003,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  evenPort: 0x0018,
  requestedTransport: 0x0019,
  dontFragment: 0x001a,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  userhash: 0x001e,
  xorMappedAddress: 0x0020,
  reservationToken: 0x0022,
  padding: 0x0026,
  responsePort: 0x0027,
  connectionId: 0x002a,
  additionalAddressFamily: 0x8000,
  addressErrorCode: 0x8001,
  passwordAlgorithms: 0x8002,
  icmp: 0x8004,
  alternateServer: 0x8023,
  mobilityTicket: 0x8030,
  software: 0x8022,
  fingerprint: 0x8028,
  responseOrigin: 0x802b,
  otherAddress: 0x802c,
};

export const uint32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The long-term key of RFC 8489 §9.2.2 with MD5, which every server accepts, or another digest. */
export const longTermKey = (username, realm, password, digest = 'md5') =>
  createHash(digest).update(`${username}:${realm}:${password}`).digest();

/** The 4 or 16 bytes of an address without an embedded IPv4 tail. */
export const addressBytes = (address) => {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head, tail = ''] = address.split('::');
  const groups = (text) => (text === '' ? [] : text.split(':'));
  const missing = address.includes('::') ? 8 - groups(head).length - groups(tail).length : 0;
  const all = [...groups(head), ...Array(missing).fill('0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
};

const xored = (bytes, transactionId) => {
  const mask = Buffer.concat([uint32(MAGIC_COOKIE), transactionId]);
  return Buffer.from(bytes.map((byte, index) => byte ^ mask[index]));
};

const xorAddress = ({ address, port }, transactionId) => {
  const head = Buffer.from([0, net.isIPv4(address) ? 1 : 2, 0, 0]);
  head.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  return Buffer.concat([head, xored(addressBytes(address), transactionId)]);
};

const readAddress = (value, bytes = value.subarray(4)) => {
  const address =
    value[1] === 1
      ? bytes.join('.')
      : new URL(`http://[${bytes.toString('hex').match(/.{4}/g).join(':')}]`).hostname.slice(1, -1);
  return { address, port: value.readUInt16BE(2) };
};

const readXorAddress = (value, transactionId) => {
  const { address, port } = readAddress(value, xored(value.subarray(4), transactionId));
  return { address, port: port ^ (MAGIC_COOKIE >>> 16) };
};

// The CRC-32 of ITU V.42, which Node has from version 20 on only.
const crc32 = (bytes) => {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; ++bit) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest;
};

const attribute = (type, value) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
};

const header = (type, bodyBytes, transactionId) => {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(bodyBytes, 2);
  head.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([head, transactionId]);
};

// RFC 8489 §5: the class's two bits are interleaved with the method's twelve.
const typeOf = (method, messageClass) =>
  (method & 0x00f) | ((method & 0x070) << 1) | ((method & 0xf80) << 2) | messageClass;
const methodOf = (type) => (type & 0x00f) | ((type & 0x0e0) >> 1) | ((type & 0x3e00) >> 2);

/** The message, with a length field that counts `more` bytes that follow it (RFC 8489 §14.5, §14.7). */
const withLength = (message, more) => {
  const counted = Buffer.from(message);
  counted.writeUInt16BE(message.length + more - HEADER_BYTES, 2);
  return counted;
};

const INTEGRITY = {
  sha1: { type: ATTRIBUTE.messageIntegrity, bytes: 24 },
  sha256: { type: ATTRIBUTE.messageIntegritySha256, bytes: 36 },
};

/**
 * A message with its attributes in the order given: [type, Buffer], [type, string] or [type, {address, port}]
 * (XOR-ed). With a key, MESSAGE-INTEGRITY (RFC 8489 §14.5) or that of `digest` follows them; `after` follows
 * that, and a FINGERPRINT (§14.7) comes last.
 */
export const encode = ({
  method,
  class: messageClass,
  attributes = [],
  key,
  digest = 'sha1',
  after = [],
  fingerprint,
}) => {
  const transactionId = randomBytes(12);
  const written = (list) =>
    list.map(([code, value]) =>
      attribute(code, value.address ? xorAddress(value, transactionId) : Buffer.from(value)),
    );
  let message = Buffer.concat([
    header(typeOf(method, messageClass), 0, transactionId),
    ...written(attributes),
  ]);
  if (key) {
    const { type, bytes } = INTEGRITY[digest];
    const mac = createHmac(digest, key).update(withLength(message, bytes)).digest();
    message = Buffer.concat([message, attribute(type, mac)]);
  }
  message = Buffer.concat([message, ...written(after)]);
  if (fingerprint) {
    const checksum = (crc32(withLength(message, 8)) ^ FINGERPRINT_MASK) >>> 0;
    message = Buffer.concat([message, attribute(ATTRIBUTE.fingerprint, uint32(checksum))]);
  }
  return { transactionId: transactionId.toString('hex'), message: withLength(message, 0) };
};

/** How long the message at the start of a stream's bytes is, padding included; undefined while incomplete. */
export const frameBytes = (bytes) => {
  if (bytes.length < 4) return undefined;
  const bodyBytes = bytes.readUInt16BE(2);
  const isChannelData = bytes[0] >= 0x40;
  const total = isChannelData ? 4 + bodyBytes + (-bodyBytes & 3) : HEADER_BYTES + bodyBytes;
  return bytes.length < total ? undefined : total;
};

export const isChannelData = (bytes) => bytes[0] >= 0x40 && bytes[0] <= 0x4f;

/** A received STUN message; throws on one that no server may send. */
export const decode = (bytes) => {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(4) !== MAGIC_COOKIE)
    throw new Error('not a STUN message');
  if (bytes.length !== HEADER_BYTES + bytes.readUInt16BE(2)) throw new Error('length field is wrong');
  const type = bytes.readUInt16BE(0);
  const transactionId = bytes.subarray(8, HEADER_BYTES);
  const attributes = new Map();
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    const code = bytes.readUInt16BE(at);
    if (!attributes.has(code))
      attributes.set(code, { at, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length + (-length & 3);
  }
  const value = (code) => attributes.get(code)?.value;
  const address = (code) => value(code) && readXorAddress(value(code), transactionId);
  const error = value(ATTRIBUTE.errorCode);
  return {
    method: methodOf(type),
    class: type & 0x0110,
    transactionId: transactionId.toString('hex'),
    types: [...attributes.keys()],
    value,
    errorCode: error && error[2] * 100 + error[3],
    realm: value(ATTRIBUTE.realm)?.toString(),
    nonce: value(ATTRIBUTE.nonce),
    lifetimeSeconds: value(ATTRIBUTE.lifetime)?.readUInt32BE(),
    data: value(ATTRIBUTE.data),
    connectionId: value(ATTRIBUTE.connectionId),
    ticket: value(ATTRIBUTE.mobilityTicket),
    mapped: address(ATTRIBUTE.xorMappedAddress),
    relayed: address(ATTRIBUTE.xorRelayedAddress),
    peer: address(ATTRIBUTE.xorPeerAddress),
    alternate: value(ATTRIBUTE.alternateServer) && readAddress(value(ATTRIBUTE.alternateServer)),
    /** Is MESSAGE-INTEGRITY, or that of the digest, there and right? */
    hasIntegrity(key, digest = 'sha1') {
      const { type: integrityType, bytes: integrityBytes } = INTEGRITY[digest];
      const integrity = attributes.get(integrityType);
      if (!integrity) return false;
      const covered = withLength(bytes.subarray(0, integrity.at), integrityBytes);
      return createHmac(digest, key).update(covered).digest().equals(integrity.value);
    },
  };
};
