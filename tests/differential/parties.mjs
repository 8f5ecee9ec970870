// Who takes part in a conversation beside the server: clients, which keep what they hear, and peers.
import dgram from 'node:dgram';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLASS, METHOD, decode, encode, isChannelData } from '../e2e/stun_message.mjs';
import { openConnection } from '../e2e/turn_client.mjs';

const UDP_MS = 5000;
const STREAM_MS = 1500; // a stream may be out of step for good
const POLL_MS = 5;
/** How long a server may still take for a message when it has answered one that came after it. */
export const GRACE_MS = 250;

/** Waits until the condition holds; whether it does in the end. */
export const until = async (condition, milliseconds) => {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(POLL_MS)) {
    if (condition()) return true;
  }
  return condition();
};

/** {endpoint, heard, send, close}: a peer, with the payloads that reached it. */
export const openPeer = async (address) => {
  const socket = dgram.createSocket(net.isIPv4(address) ? 'udp4' : 'udp6');
  const heard = [];
  socket.on('message', (payload) => heard.push(payload.toString()));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.bind(0, address, resolve));
  return {
    endpoint: { address, port: socket.address().port },
    heard,
    send: (...datagram) => socket.send(...datagram),
    close: () => socket.close(),
  };
};

/** {endpoint, close}: a peer that accepts connections. */
export const openTcpPeer = async (address) => {
  const accepted = [];
  const server = net.createServer((socket) => accepted.push(socket.on('error', () => {})));
  await new Promise((resolve) => server.listen(0, address, resolve));
  return {
    endpoint: { address, port: server.address().port },
    close: () => {
      server.close();
      for (const socket of accepted) socket.destroy();
    },
  };
};

/** One 5-tuple. Every answer and every relayed message is kept in `heard`, as it came. */
export class Client {
  heard = [];
  isClosed = false;

  static async connect(server) {
    const client = new Client();
    client.connection = await openConnection(server, (bytes) => client.heard.push(Buffer.from(bytes)));
    client.connection.onClosed(() => {
      client.isClosed = true;
    });
    return client;
  }

  messages() {
    return this.heard.filter((bytes) => !isChannelData(bytes)).map(decode);
  }

  find(transactionId) {
    return this.messages().find((each) => each.transactionId === transactionId);
  }

  /**
   * A Binding, whose answer comes after everything that the server says to what was sent before. False when
   * none comes.
   */
  async fence() {
    const { transactionId, message } = encode({ method: METHOD.binding, class: CLASS.request });
    this.connection.send(message);
    await until(
      () => this.isClosed || this.find(transactionId),
      this.connection.isDatagram ? UDP_MS : STREAM_MS,
    );
    return this.isClosed || this.find(transactionId) !== undefined;
  }

  /** The answer to what is sent; undefined for silence. */
  async ask(bytes, transactionId) {
    this.connection.send(bytes);
    const answered = () => this.isClosed || this.find(transactionId);
    if (!(await until(answered, GRACE_MS)) && (await this.fence())) await until(answered, GRACE_MS);
    return this.find(transactionId);
  }
}
