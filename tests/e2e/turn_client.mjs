// A TURN client for the tests: UDP, TCP and TLS, long-term credentials, and the answers as they came, errors
// included. It retransmits over UDP, takes up a fresh nonce, and checks the integrity of every success.
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import {
  ATTRIBUTE,
  CLASS,
  METHOD,
  decode,
  encode,
  frameBytes,
  isChannelData,
  longTermKey,
  uint32,
} from './stun_message.mjs';

const ANSWER_TIMEOUT_MS = 3000;
/** RFC 8489 §6.2.1: the first retransmission; each further one waits twice as long as the one before. */
const RETRANSMIT_MS = 500;
/** How long a client of that RFC waits for an answer: 8 s after the seventh transmission. */
export const RFC_PATIENCE_MS = 39_500;
const UDP_TRANSPORT = Buffer.from([17, 0, 0, 0]);
const TCP_TRANSPORT = Buffer.from([6, 0, 0, 0]);
/** Says that the stream is not TURN's after this message (RFC 6062 §5.4). */
const LAST_MESSAGE = Symbol('last message');

const connectDatagram = async ({ address, port, from }, onMessage) => {
  const socket = dgram.createSocket(net.isIPv4(address) ? 'udp4' : 'udp6');
  socket.on('message', onMessage);
  socket.on('error', () => {}); // a refused port shows as a time-out, as on a real network
  if (from) await new Promise((resolve) => socket.bind({ address: from, exclusive: true }, resolve));
  await new Promise((resolve) => socket.connect(port, address, resolve));
  return {
    isDatagram: true,
    send: (bytes) => socket.send(bytes),
    close: () => socket.close(),
    onClosed: () => {},
    local: () => ({ address: socket.address().address, port: socket.address().port }),
  };
};

const connectStream = async ({ transport, address, port, from }, onMessage) => {
  const options = { host: address, port, localAddress: from, rejectUnauthorized: false };
  const socket = transport === 'tls' ? tls.connect(options) : net.connect(options);
  await new Promise((resolve, reject) => {
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  let received = Buffer.alloc(0);
  const onData = (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let bytes = frameBytes(received); bytes !== undefined; bytes = frameBytes(received)) {
      const isLast = onMessage(received.subarray(0, bytes)) === LAST_MESSAGE;
      received = received.subarray(bytes);
      if (!isLast) continue;
      socket.off('data', onData).pause();
      if (received.length > 0) socket.unshift(received);
      return;
    }
  };
  socket.on('data', onData);
  socket.on('error', () => {});
  return {
    isDatagram: false,
    send: (bytes) => socket.write(bytes),
    close: () => socket.destroy(),
    onClosed: (then) => socket.on('close', then),
    socket,
    local: () => ({ address: socket.localAddress, port: socket.localPort }),
  };
};

/** Opens {isDatagram, send, close, onClosed, local}; onMessage gets each message of the server whole. */
export const openConnection = (server, onMessage) =>
  (server.transport === 'udp' ? connectDatagram : connectStream)(server, onMessage);

export class TurnClient {
  #connection;
  #pending = new Map();
  #arrivals = [];
  #waiting = [];
  #key;
  #options;

  /**
   * server: {transport: 'udp' | 'tcp' | 'tls', address, port}, with the client's own address as `from`;
   * credential: {username, credential}; options: patienceMs, how long to wait for what comes, and onArrival,
   * which gets what receive() would.
   */
  static async connect(server, credential = {}, options = {}) {
    const client = new TurnClient();
    client.#options = { patienceMs: ANSWER_TIMEOUT_MS, ...options };
    client.username = credential.username;
    client.password = credential.credential;
    client.#connection = await openConnection(server, (bytes) => client.#onMessage(bytes));
    return client;
  }

  close() {
    this.#connection.close();
  }

  /** Goes on from another port or over another transport; closes the former connection when it is called. */
  async moveTo(server) {
    const former = this.#connection;
    this.#connection = await openConnection(server, (bytes) => this.#onMessage(bytes));
    return () => former.close();
  }

  /** The client's own {address, port}. */
  localEndpoint() {
    return this.#connection.local();
  }

  binding() {
    return this.#exchange(METHOD.binding, [], undefined);
  }

  allocate(attributes = []) {
    return this.request(METHOD.allocate, [[ATTRIBUTE.requestedTransport, UDP_TRANSPORT], ...attributes]);
  }

  /** For TCP connections with peers (RFC 6062). */
  allocateTcp(attributes = []) {
    return this.request(METHOD.allocate, [[ATTRIBUTE.requestedTransport, TCP_TRANSPORT], ...attributes]);
  }

  connectTo(peer) {
    return this.request(METHOD.connect, [[ATTRIBUTE.xorPeerAddress, peer]]);
  }

  connectionBind(connectionId) {
    return this.request(METHOD.connectionBind, [[ATTRIBUTE.connectionId, connectionId]]);
  }

  /** The stream, paused, with what came after a successful ConnectionBind. */
  get socket() {
    return this.#connection.socket;
  }

  refresh(lifetimeSeconds) {
    return this.request(METHOD.refresh, [[ATTRIBUTE.lifetime, uint32(lifetimeSeconds)]]);
  }

  /** RFC 8016: an allocation with a ticket, and a Refresh with one. */
  allocateMobile() {
    return this.allocate([[ATTRIBUTE.mobilityTicket, '']]);
  }

  resume(ticket) {
    return this.request(METHOD.refresh, [[ATTRIBUTE.mobilityTicket, ticket]]);
  }

  createPermission(...peers) {
    return this.request(
      METHOD.createPermission,
      peers.map((peer) => [ATTRIBUTE.xorPeerAddress, peer]),
    );
  }

  channelBind(channel, peer) {
    return this.request(METHOD.channelBind, [
      [ATTRIBUTE.channelNumber, uint32(channel * 0x10000)],
      [ATTRIBUTE.xorPeerAddress, peer],
    ]);
  }

  /** A Send indication: nothing answers it. */
  send(peer, payload) {
    const attributes = [
      [ATTRIBUTE.xorPeerAddress, peer],
      [ATTRIBUTE.data, payload],
    ];
    this.#connection.send(encode({ method: METHOD.send, class: CLASS.indication, attributes }).message);
  }

  /** A message that is encoded already. */
  sendBytes(message) {
    this.#connection.send(message);
  }

  sendOnChannel(channel, payload) {
    const bytes = Buffer.from(payload);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(channel, 0);
    head.writeUInt16BE(bytes.length, 2);
    this.#connection.send(Buffer.concat([head, bytes, Buffer.alloc(-bytes.length & 3)]));
  }

  /**
   * The next relayed payload: {data, peer} from an indication, {data, channel} from a channel; or a peer's
   * connection: {connectionId, peer}.
   */
  receive() {
    if (this.#arrivals.length > 0) return Promise.resolve(this.#arrivals.shift());
    let waiter;
    return within(this.#options.patienceMs, 'nothing was relayed', (resolve) => {
      waiter = resolve;
      this.#waiting.push(waiter);
    }).finally(() => {
      // Who has given up must not take what comes later.
      this.#waiting = this.#waiting.filter((each) => each !== waiter);
    });
  }

  /** An authenticated request; the nonce is learnt from the first 401 and renewed on a 438. */
  async request(method, attributes) {
    let answer = await this.#exchange(method, attributes, this.#key);
    for (let tries = 0; tries < 2 && this.#learnNonce(answer); ++tries) {
      answer = await this.#exchange(method, attributes, this.#key);
    }
    if (answer.class === CLASS.success && !answer.hasIntegrity(this.#key))
      throw new Error('integrity is wrong');
    return answer;
  }

  #learnNonce({ errorCode, realm, nonce }) {
    const isChallenge = (errorCode === 401 && this.#key === undefined) || errorCode === 438;
    if (!isChallenge || !nonce) return false;
    this.realm = realm;
    this.nonce = nonce;
    this.#key = longTermKey(this.username, realm, this.password);
    return true;
  }

  #exchange(method, attributes, key) {
    const identity =
      key === undefined
        ? []
        : [
            [ATTRIBUTE.username, this.username],
            [ATTRIBUTE.realm, this.realm],
            [ATTRIBUTE.nonce, this.nonce],
          ];
    const { transactionId, message } = encode({
      method,
      class: CLASS.request,
      attributes: [...attributes, ...identity],
      key,
    });
    let retransmission;
    const send = (nextAfter) => {
      this.#connection.send(message);
      if (this.#connection.isDatagram) retransmission = setTimeout(send, nextAfter, 2 * nextAfter);
    };
    send(RETRANSMIT_MS);
    return within(this.#options.patienceMs, 'no answer', (resolve) =>
      this.#pending.set(transactionId, resolve),
    ).finally(() => {
      clearTimeout(retransmission);
      this.#pending.delete(transactionId);
    });
  }

  #onMessage(bytes) {
    if (isChannelData(bytes)) {
      const length = bytes.readUInt16BE(2);
      this.#arrive({ channel: bytes.readUInt16BE(0), data: Buffer.from(bytes.subarray(4, 4 + length)) });
      return;
    }
    const message = decode(Buffer.from(bytes));
    const { peer, data, connectionId } = message;
    const arrival = connectionId ? { peer, connectionId } : { peer, data };
    if (message.class === CLASS.indication) this.#arrive(arrival);
    else this.#pending.get(message.transactionId)?.(message);
    const isBound = message.method === METHOD.connectionBind && message.class === CLASS.success;
    return isBound ? LAST_MESSAGE : undefined;
  }

  #arrive(arrival) {
    if (this.#options.onArrival) return this.#options.onArrival(arrival);
    const waiting = this.#waiting.shift();
    if (waiting) waiting(arrival);
    else this.#arrivals.push(arrival);
  }
}

const within = (milliseconds, what, start) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} within ${milliseconds} ms`)), milliseconds);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
