// IP packets as they are on the wire before a node, from whatever source: see wire.py. Needs a network
// namespace of the test's own (isInNamespace).
import { spawn } from 'node:child_process';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onEnd } from '../e2e/daemon.mjs';
import { addressBytes } from '../e2e/stun_message.mjs';

const PROGRAM = fileURLToPath(new URL('wire.py', import.meta.url));
const UDP = 17;
const HOPS = 64;
const UDP_HEADER_BYTES = 8;
const IP_HEADER_BYTES = { ipv4: 20, ipv6: 40 };
const ANSWER_WAIT_MS = 2000;
const SILENCE_MS = 150;

const familyOf = (address) => (net.isIPv4(address) ? 'ipv4' : 'ipv6');

// RFC 1071
const checksum = (bytes) => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

const ipHeader = ({ from, to }, payloadBytes) => {
  const family = familyOf(from.address);
  const head = Buffer.alloc(IP_HEADER_BYTES[family]);
  if (family === 'ipv4') {
    head[0] = 0x45;
    head.writeUInt16BE(head.length + payloadBytes, 2);
    head.set([HOPS, UDP], 8);
    head.set(addressBytes(from.address), 12);
    head.set(addressBytes(to.address), 16);
    head.writeUInt16BE(checksum(head), 10);
  } else {
    head[0] = 0x60;
    head.writeUInt16BE(payloadBytes, 4);
    head.set([UDP, HOPS], 6);
    head.set(addressBytes(from.address), 8);
    head.set(addressBytes(to.address), 24);
  }
  return head;
};

/** The IP packet of a UDP datagram. */
export const udpPacket = ({ from, to, payload }) => {
  const head = Buffer.alloc(UDP_HEADER_BYTES);
  head.writeUInt16BE(from.port, 0);
  head.writeUInt16BE(to.port, 2);
  head.writeUInt16BE(head.length + payload.length, 4);
  const datagram = Buffer.concat([head, payload]);
  // RFC 8200 §8.1; over IPv4 a checksum of 0 is none.
  const pseudo = [addressBytes(from.address), addressBytes(to.address), [0, UDP, 0, 0], head.subarray(4, 6)];
  if (familyOf(from.address) === 'ipv6')
    datagram.writeUInt16BE(checksum(Buffer.concat([...pseudo.map(Buffer.from), datagram])) || 0xffff, 6);
  return Buffer.concat([ipHeader({ from, to }, datagram.length), datagram]);
};

/** What a UDP packet carries. */
export const payloadOf = (packet) =>
  packet.subarray(IP_HEADER_BYTES[packet[0] >>> 4 === 4 ? 'ipv4' : 'ipv6'] + UDP_HEADER_BYTES);

/** Where a packet goes. */
export const destinationOf = (packet) =>
  packet[0] >>> 4 === 4 ? packet.subarray(16, 20) : packet.subarray(24, 40);

export class Wire {
  #child;
  #lines;

  /** Gives this namespace a device with these addresses; all other addresses are beyond it. */
  static async start(context, addresses) {
    const made = new Wire();
    made.#child = spawn('python3', [PROGRAM, JSON.stringify({ addresses })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    made.#lines = createInterface({ input: made.#child.stdout })[Symbol.asyncIterator]();
    onEnd(context, () => made.#close());
    await made.#answer();
    return made;
  }

  /** Writes a packet: those that come out in answer, for which it waits longer when there should be one. */
  async ask(packet, { isAnswered }) {
    const wait = isAnswered ? ANSWER_WAIT_MS : SILENCE_MS;
    const answers = await this.#command({ ask: packet.toString('hex'), wait_ms: wait });
    return answers.map((each) => Buffer.from(each, 'hex'));
  }

  /** What has left through the device since it was last asked, UDP and TCP. */
  async leaving() {
    return (await this.#command({ leaving: true })).map((each) => Buffer.from(each, 'hex'));
  }

  /** Writes the packets over and over, as fast as it can: how many in all. */
  flood(packets, seconds) {
    return this.#command({ flood: packets.map((each) => each.toString('hex')), seconds });
  }

  #command(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.#answer();
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the wire has ended');
    return JSON.parse(value);
  }

  async #close() {
    this.#child.stdin.end();
    await new Promise((resolve) => this.#child.on('close', resolve));
  }
}
