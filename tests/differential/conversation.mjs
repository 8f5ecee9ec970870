// Carries the steps of a scenario out against one server, and says of each what was seen.
import { createHash } from 'node:crypto';
import {
  ATTRIBUTE,
  CLASS,
  METHOD,
  decode,
  encode,
  isChannelData,
  longTermKey,
} from '../e2e/stun_message.mjs';
import { Client, GRACE_MS, openPeer, openTcpPeer, until } from './parties.mjs';
import { udp } from './steps.mjs';

/** xorPeerAddress is XOR-PEER-ADDRESS. */
const spelled = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase();
const NAMES = new Map(Object.entries(ATTRIBUTE).map(([name, code]) => [code, spelled(name)]));
const nameOf = (type) => NAMES.get(type) ?? `0x${type.toString(16).padStart(4, '0')}`;

// RFC 8489 §14.4 and §14.12.
const hashOf = ({ username, realm }) => createHash('sha256').update(`${username}:${realm}`).digest();
const SHA256 = Buffer.from([0, 2, 0, 0]);

// What a server gives a client to be shown again.
const GIVEN = [ATTRIBUTE.reservationToken, ATTRIBUTE.connectionId, ATTRIBUTE.mobilityTicket];

const transactionIdOf = (bytes) => bytes.subarray(8, 20).toString('hex');

export class Conversation {
  #server;
  #users;
  #clients = new Map();
  #peers = {};
  #nobody;
  #challenges = new Map();
  #lastRequest = new Map();
  #relayed = new Map();
  #given = new Map();
  #reservedPort;

  /** server: {transport, address, port}; users: {name: {username, credential}}. */
  constructor(server, users) {
    this.#server = server;
    this.#users = users;
  }

  async open() {
    const [one, two, six, closed, tcp] = await Promise.all([
      ...['127.0.0.1', '127.0.0.1', '::1', '127.0.0.1'].map(openPeer),
      openTcpPeer('127.0.0.1'),
    ]);
    closed.close();
    this.#peers = { one, two, six, tcp };
    this.#nobody = closed.endpoint;
  }

  /** The clients stay: a port that was given out again would meet the allocation that it left behind. */
  closePeers() {
    for (const peer of Object.values(this.#peers)) peer.close();
  }

  closeClients() {
    for (const { connection } of this.#clients.values()) connection.close();
  }

  /** What one step came to: {outcome, …details}; outcome is what scenarios are written with. */
  async run(step) {
    const client = await this.#client(step.client);
    switch (step.kind) {
      case 'request':
        return this.#request(client, step);
      case 'again':
        return this.#again(client, step);
      case 'message':
        return this.#sendBytes(client, this.#unsigned(step));
      case 'bytes':
        return this.#sendBytes(client, step.value);
      case 'changed':
        return this.#sendBytes(client, step.change((await this.#built(client, step)).message));
      case 'to peer':
        return this.#toPeer(client, step);
      case 'from peer':
        return this.#fromPeer(client, step);
      default:
        return this.#hears(client, 0);
    }
  }

  async #client(name) {
    if (!this.#clients.has(name)) this.#clients.set(name, await Client.connect(this.#server));
    return this.#clients.get(name);
  }

  /** Realm, nonce and password algorithms for this 5-tuple, from the 401 to an Allocate without integrity. */
  async #challenge(client) {
    if (!this.#challenges.has(client)) {
      const { transactionId, message } = encode({
        method: METHOD.allocate,
        class: CLASS.request,
        attributes: [udp],
      });
      const answer = await client.ask(message, transactionId);
      const { realm, nonce } = answer;
      const offer = answer.value(ATTRIBUTE.passwordAlgorithms);
      this.#challenges.set(client, { realm, nonce, offer });
    }
    return this.#challenges.get(client);
  }

  #endpoint(name) {
    if (name === 'closed') return this.#nobody;
    if (this.#peers[name]) return this.#peers[name].endpoint;
    const [, client] = name.match(/^relayed (.)$/) ?? [];
    if (client) return this.#relayed.get(this.#clients.get(client));
    const [address, port] = name.split(' ');
    return { address, port: Number(port) };
  }

  #written(attributes) {
    return attributes.map(([type, value]) => {
      if (value.name) return [type, this.#endpoint(value.name)];
      return [type, value.lastGiven ? this.#given.get(value.lastGiven) : value];
    });
  }

  async #built(client, { method = METHOD.allocate, attributes, user, deviation }) {
    const { unsigned, sha256, userhash, without = [], after = [], fingerprint, ...said } = deviation;
    const common = { method, class: CLASS.request, after: this.#written(after), fingerprint };
    if (unsigned) return encode({ ...common, attributes: this.#written(attributes) });
    const { username, credential } = this.#users[user];
    const challenge = await this.#challenge(client);
    const identity = { username, password: credential, ...challenge, ...said };
    const digest = sha256 && challenge.offer ? 'sha256' : 'sha1';
    const key = longTermKey(
      identity.username,
      identity.realm,
      identity.password,
      digest === 'sha256' ? digest : 'md5',
    );
    const named = [
      userhash ? [ATTRIBUTE.userhash, hashOf(identity)] : [ATTRIBUTE.username, identity.username],
      [ATTRIBUTE.realm, identity.realm],
      [ATTRIBUTE.nonce, identity.nonce],
    ].filter(([type]) => !without.includes(type));
    const choice =
      digest === 'sha256'
        ? [
            [ATTRIBUTE.passwordAlgorithms, identity.offer],
            [ATTRIBUTE.passwordAlgorithm, SHA256],
          ]
        : [];
    const all = [...this.#written(attributes), ...named, ...choice];
    return { key, digest, ...encode({ ...common, attributes: all, key, digest }) };
  }

  async #request(client, step) {
    const built = await this.#built(client, step);
    this.#lastRequest.set(client, { step, built });
    const seen = await this.#asked(client, step, built);
    if (seen.outcome !== '438' || 'nonce' in step.deviation) return seen;
    // As every client does that held the nonce for good.
    this.#challenges.get(client).nonce = client.find(built.transactionId).nonce;
    return this.#asked(client, step, await this.#built(client, step));
  }

  async #again(client) {
    const { step, built } = this.#lastRequest.get(client);
    const before = client.find(built.transactionId);
    client.heard = client.heard.filter((bytes) => transactionIdOf(bytes) !== built.transactionId);
    const seen = await this.#asked(client, step, built);
    const after = client.find(built.transactionId);
    for (const type of [ATTRIBUTE.xorRelayedAddress, ATTRIBUTE.reservationToken]) {
      const [first, second] = [before, after].map((answer) => answer?.value(type)?.toString('hex'));
      if (first && second) seen[`${nameOf(type)} again`] = first === second ? 'the same' : 'another';
    }
    return seen;
  }

  async #asked(client, step, { message, transactionId, ...signed }) {
    const answer = await client.ask(message, transactionId);
    if (!answer) return { outcome: client.isClosed ? 'closed' : 'silence' };
    const seen = this.#described(client, answer, signed);
    const { relayed } = answer;
    const asksFor = (type) => step.attributes.some(([each]) => each === type);
    if (relayed && asksFor(ATTRIBUTE.evenPort)) seen.port = relayed.port % 2 === 0 ? 'even' : 'odd';
    if (relayed && asksFor(ATTRIBUTE.reservationToken))
      seen.port = relayed.port === this.#reservedPort ? 'the reserved one' : 'another one';
    if (relayed) this.#relayed.set(client, relayed);
    for (const type of GIVEN) if (answer.value(type)) this.#given.set(type, answer.value(type));
    if (answer.value(ATTRIBUTE.reservationToken)) this.#reservedPort = relayed.port + 1;
    return seen;
  }

  #described(client, answer, { key = '', digest } = {}) {
    const isSigned = [ATTRIBUTE.messageIntegrity, ATTRIBUTE.messageIntegritySha256].some((type) =>
      answer.types.includes(type),
    );
    const seen = {
      outcome: answer.class === CLASS.success ? 'success' : String(answer.errorCode),
      attributes: answer.types.map(nameOf).sort(),
    };
    if (isSigned && !answer.hasIntegrity(key, digest)) seen.integrity = 'wrong';
    if (answer.lifetimeSeconds !== undefined) seen.lifetime = answer.lifetimeSeconds;
    if (answer.relayed) seen['relayed address'] = answer.relayed.address;
    if (answer.mapped) {
      const own = client.connection.local();
      const isOwn = answer.mapped.address === own.address && answer.mapped.port === own.port;
      seen['mapped address'] = isOwn ? "the client's" : 'another';
    }
    const unknown = answer.value(ATTRIBUTE.unknownAttributes);
    if (unknown) seen.unknown = unknown.toString('hex');
    const addressError = answer.value(ATTRIBUTE.addressErrorCode);
    if (addressError) seen['address error'] = addressError[2] * 100 + addressError[3];
    return seen;
  }

  /** What no server may answer: any message but a fence's answer is one too many. */
  async #sendBytes(client, bytes) {
    const before = client.heard.length;
    client.connection.send(bytes);
    const isListening = await client.fence();
    await until(() => client.isClosed, GRACE_MS);
    if (client.isClosed) return { outcome: 'closed' };
    if (!isListening) return { outcome: 'deaf' };
    const answers = client.heard
      .slice(before)
      .map(decode)
      .filter((each) => each.method !== METHOD.binding || each.transactionId === transactionIdOf(bytes));
    if (answers.length === 0) return { outcome: 'silence' };
    return this.#described(client, answers[0]);
  }

  async #toPeer(client, step) {
    const { heard } = this.#peers[step.to] ?? { heard: [] };
    const before = heard.length;
    client.connection.send(step.channel === undefined ? this.#unsigned(step) : channelData(step));
    await client.fence();
    if (client.isClosed) return { outcome: 'closed' };
    if (!(await until(() => heard.length > before, GRACE_MS))) return { outcome: 'nothing' };
    return { outcome: 'relayed', payload: heard.at(-1) };
  }

  #unsigned({ method, messageClass, attributes }) {
    return encode({ method, class: messageClass, attributes: this.#written(attributes) }).message;
  }

  async #fromPeer(client, { from, payload }) {
    const before = client.heard.length;
    const relayed = this.#relayed.get(client);
    this.#peers[from].send(payload, relayed.port, relayed.address);
    return this.#hears(client, before, payload);
  }

  async #hears(client, before, payload) {
    const relayed = () => client.heard.slice(before).find((bytes) => isData(bytes));
    if (!(await until(relayed, GRACE_MS)) && (await client.fence())) await until(relayed, GRACE_MS);
    const bytes = relayed();
    if (!bytes) return { outcome: 'nothing' };
    if (isChannelData(bytes)) {
      const length = bytes.readUInt16BE(2);
      const isWhole = bytes.subarray(4, 4 + length).toString() === payload;
      return {
        outcome: 'ChannelData',
        payload: isWhole ? 'whole' : 'changed',
        padding: bytes.length - 4 - length,
      };
    }
    const indication = decode(bytes);
    const seen = { outcome: 'Data', attributes: indication.types.map(nameOf).sort() };
    if (indication.data) seen.payload = indication.data.toString() === payload ? 'whole' : 'changed';
    return seen;
  }
}

const isData = (bytes) => isChannelData(bytes) || decode(bytes).class === CLASS.indication;

const channelData = ({ channel, payload, length = payload.length, padding }) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(channel, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.from(payload), Buffer.alloc(padding)]);
};
