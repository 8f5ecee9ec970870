// The clients of the soak, a process in a network namespace of their own: they come, relay and go, as many as
// they are told to. The argument is JSON, see soak.test.mjs; credentials come from there, counts go there.
import { setTimeout as pause } from 'node:timers/promises';
import { uint32, ATTRIBUTE, CLASS, METHOD, encode } from '../e2e/stun_message.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';

const wanted = JSON.parse(process.argv[2]);
const TICK_MS = 50;
/** Each sends a datagram, and its peer one back, in this time. */
const MEDIA_INTERVAL_MS = 2_000;
/** Twelve retransmissions: even of millions of requests none gets lost each time. */
const PATIENCE_MS = 20_000;
const RETRANSMITTED_MS = 500;
/** What is on its way when the last datagram has left gets there before the allocation ends. */
const FAREWELL_MS = 2_000;
/** A minute before permission (RFC 8656 §9), channel (§12) and allocation (§7) would end. */
const PERMISSION_EVERY_MS = 240_000;
const REFRESH_EVERY_MS = 540_000;
const CHANNEL = 0x4000;
const CLIENTS_PER_CREDENTIAL = 20;

const SLOTS = MEDIA_INTERVAL_MS / TICK_MS;

const counts = { live: 0, started: 0, ended: 0, refreshes: 0, sent: 0, sentBytes: 0, received: 0, lost: [] };
const answers = { firstMs: [], retransmitted: 0 };
/** Who sends at which tick. */
const speakers = Array.from({ length: SLOTS }, () => new Set());
let isOver = false;

const credentials = { requests: 0, answered: new Map(), handedOut: 0, current: undefined };
process.on('message', ({ id, credential, end }) => {
  if (end) isOver = true;
  else credentials.answered.get(id)(credential);
  credentials.answered.delete(id);
});
const nextCredential = () => {
  if (credentials.handedOut++ % CLIENTS_PER_CREDENTIAL === 0) {
    const id = ++credentials.requests;
    credentials.current = new Promise((resolve) => credentials.answered.set(id, resolve));
    process.send({ credential: id });
  }
  return credentials.current;
};

/** The answer, which has to be a success; how long it took is noted. */
const answered = async (asked, alsoFine = undefined) => {
  const started = performance.now();
  const answer = await asked;
  const took = performance.now() - started;
  if (took < RETRANSMITTED_MS) answers.firstMs.push(took);
  else ++answers.retransmitted;
  if (answer.class !== CLASS.success && answer.errorCode !== alsoFine)
    throw new Error(`method ${answer.method} is answered ${answer.errorCode}`);
  return answer;
};

const channelData = (bytes) => {
  const message = Buffer.alloc(4 + bytes + (-bytes & 3));
  message.writeUInt16BE(CHANNEL, 0);
  message.writeUInt16BE(bytes, 2);
  return message;
};
const sendIndication = (peer, bytes) =>
  encode({
    method: METHOD.send,
    class: CLASS.indication,
    attributes: [
      [ATTRIBUTE.xorPeerAddress, peer],
      [ATTRIBUTE.data, Buffer.alloc(bytes)],
    ],
  }).message;

/** Until `leavesAt`, or for as long as the soak lasts: all that a client refreshes at its time. */
const keepAlive = async (turn, peer, hasChannel, leavesAt) => {
  let permissionDue = performance.now() + PERMISSION_EVERY_MS;
  let refreshDue = performance.now() + REFRESH_EVERY_MS;
  while (!isOver && performance.now() < leavesAt) {
    await pause(Math.min(1000, Math.max(0, leavesAt - performance.now())));
    if (performance.now() > permissionDue) {
      permissionDue += PERMISSION_EVERY_MS;
      await answered(turn.createPermission(peer));
      ++counts.refreshes;
    }
    if (performance.now() > refreshDue) {
      refreshDue += REFRESH_EVERY_MS;
      await answered(turn.refresh(600));
      if (hasChannel) await answered(turn.channelBind(CHANNEL, peer));
      counts.refreshes += hasChannel ? 2 : 1;
    }
  }
};

/** One client from its socket to its last word. */
const call = async (number, lifetimeMs) => {
  const leavesAt = performance.now() + lifetimeMs;
  const from = wanted.from[number % wanted.from.length];
  const turn = await TurnClient.connect({ ...wanted.server, from }, await nextCredential(), {
    patienceMs: PATIENCE_MS,
    onArrival: () => ++counts.received,
  });
  const peer = { address: wanted.peer, port: wanted.peerPorts[number % wanted.peerPorts.length] };
  const hasChannel = number % 2 === 0;
  const bytes = 40 + (number % 160);
  const speaker = { turn, bytes, media: hasChannel ? channelData(bytes) : sendIndication(peer, bytes) };
  const slot = speakers[number % SLOTS];
  try {
    const allocation = await turn.allocate([[ATTRIBUTE.lifetime, uint32(600)]]);
    if (allocation.class !== CLASS.success) throw new Error(`Allocate is answered ${allocation.errorCode}`);
    ++counts.started;
    ++counts.live;
    await answered(turn.createPermission(peer));
    if (hasChannel) await answered(turn.channelBind(CHANNEL, peer));
    slot.add(speaker);
    await keepAlive(turn, peer, hasChannel, leavesAt);
    slot.delete(speaker);
    await pause(FAREWELL_MS + (isOver ? Math.random() * wanted.leaveMs : 0));
    await answered(turn.refresh(0), 437); // the answer to a first one may be lost
    ++counts.ended;
    --counts.live;
  } catch (fault) {
    counts.lost.push(`client ${number}: ${fault.message}`);
  } finally {
    slot.delete(speaker);
    turn.close();
  }
};

let tick = 0;
const speak = () => {
  for (const { turn, media, bytes } of speakers[tick++ % SLOTS]) {
    turn.sendBytes(media);
    ++counts.sent;
    counts.sentBytes += bytes;
  }
};

/** The first ones come quickly. When they are there some go and others come, as if it had always been so. */
const crowd = async () => {
  const calls = new Set();
  const begin = performance.now();
  const sinceBegin = () => performance.now() - begin;
  const rampMs = wanted.rampSeconds * 1000;
  const due = () => {
    const first = Math.min(sinceBegin() / rampMs, 1) * wanted.live;
    return first + Math.max(0, (sinceBegin() - rampMs) / 1000) * wanted.perSecond;
  };
  const lifetimeMs = (number) => {
    const whole = 2 * wanted.meanLifetimeMs * (1 / 3 + Math.random() / 3);
    if (number >= wanted.live) return whole;
    const isKept = number % Math.round(wanted.live / wanted.kept) === 0;
    return isKept ? Infinity : rampMs - sinceBegin() + Math.random() * whole;
  };
  for (let number = 0; !isOver; await pause(TICK_MS)) {
    for (; number < due(); ++number) {
      const one = call(number, lifetimeMs(number)).finally(() => calls.delete(one));
      calls.add(one);
    }
  }
  await Promise.all(calls);
};

const tell = () => process.send({ counts: { ...counts, retransmitted: answers.retransmitted } });
const speaking = setInterval(speak, TICK_MS);
const telling = setInterval(tell, 1000);
await crowd();
clearInterval(speaking);
clearInterval(telling);
tell();
answers.firstMs.sort((a, b) => a - b);
const at = (share) => answers.firstMs[Math.floor(answers.firstMs.length * share)];
process.send({ answers: { count: answers.firstMs.length, p50: at(0.5), p99: at(0.99), p999: at(0.999) } });
process.disconnect();
