// Clients in one place, the relay in another, their peers in a third, joined by links that a test sets.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, onEnd, runDaemon } from '../e2e/daemon.mjs';
import { LinkEmulator } from '../e2e/link_emulator.mjs';
import { RFC_PATIENCE_MS, TurnClient } from '../e2e/turn_client.mjs';
import { startPeer } from '../e2e/turnutils.mjs';

export const CLIENTS = '10.78.0.1';
export const RELAY = '10.78.1.1';
export const PEERS = '10.78.2.1';
const PLACES = { clients: [CLIENTS], relay: [RELAY], peers: [PEERS] };
const FAIR = { loss: 0, duplicates: 0, reorder: 0, delay_ms: 1, jitter_ms: 0, rate_kbps: 0 };
const CHANNEL = 0x4000;
const LIFETIME_SECONDS = 60;
/** A transaction that fails is begun anew, as clients do. */
const TRIES_MAX = 3;
/** Longer than any way, and than the pauses between packets on it. */
const QUIET_MS = 450;

/** A client that keeps its session alive, and talks to a peer that echoes. */
class Session {
  requests = 0;
  unanswered = 0;
  echoes = 0;

  /** from: the client's own address; onEcho: gets what comes back. */
  static async start(context, { daemon, peer, from, allocate = (client) => client.allocate() }) {
    const made = new Session();
    made.peer = peer;
    const options = { patienceMs: RFC_PATIENCE_MS, onArrival: () => (made.echoes += 1) };
    const server = { ...daemon.server('udp', RELAY), from };
    made.client = await TurnClient.connect(server, await daemon.credential({ ttl: 3600 }), options);
    onEnd(context, () => made.client.close());
    made.allocation = await made.#succeed(() => allocate(made.client));
    await made.keepUp();
    return made;
  }

  /** Everything that has a time to live lives longer. */
  async keepUp() {
    await Promise.all([
      this.#succeed(() => this.client.refresh(LIFETIME_SECONDS)),
      this.#succeed(() => this.client.createPermission(this.peer)),
      this.#succeed(() => this.client.channelBind(CHANNEL, this.peer)),
    ]);
  }

  say(payload) {
    this.client.sendOnChannel(CHANNEL, payload);
  }

  async #succeed(transaction) {
    for (let tries = 1; ; ++tries) {
      this.requests += 1;
      try {
        const answer = await transaction();
        assert.equal(answer.errorCode, undefined);
        return answer;
      } catch (fault) {
        if (fault instanceof assert.AssertionError || tries === TRIES_MAX) throw fault;
        this.unanswered += 1;
      }
    }
  }
}

class ThreePlaces {
  /** Every link is like this. The API is asked over the same links. */
  weather(conditions = {}) {
    return this.links.set({ between: ['*', '*'] }, { ...FAIR, ...conditions });
  }

  openSession(context, options = {}) {
    return Session.start(context, { daemon: this.daemon, peer: this.peer, ...options });
  }

  /** Packets, so far: those that reached the relay, and those that it has not sent on. */
  async passages() {
    const counts = {};
    for (const [from, to] of [
      ['clients', 'relay'],
      ['relay', 'peers'],
      ['peers', 'relay'],
      ['relay', 'clients'],
    ])
      counts[`${from}-${to}`] = await this.links.counts(from, to);
    const up = counts['clients-relay'].delivered;
    const down = counts['peers-relay'].delivered;
    return {
      reached: up + down,
      lost: up - counts['relay-peers'].taken + down - counts['relay-clients'].taken,
    };
  }

  /** Waits until nothing is on its way any more. */
  async quiet() {
    for (let [last, now] = [undefined, await this.passages()]; last?.reached !== now.reached;) {
      await sleep(QUIET_MS);
      [last, now] = [now, await this.passages()];
    }
  }
}

/** countedBytesMin: what is shorter is not in passages(). */
export const startThreePlaces = async (context, { mtu = 1500, settings = {}, countedBytesMin = 0 } = {}) => {
  const made = new ThreePlaces();
  made.links = await LinkEmulator.start(context, PLACES, mtu);
  await made.weather({ counted_bytes_min: countedBytesMin });
  const home = { ...(await initialise(context)), launcher: made.links.launcher('relay') };
  made.daemon = await runDaemon(context, home, {
    'relay.listeners': [{ transport: 'udp', address: `${RELAY}:3478` }],
    'relay.peers.allow': [`${PEERS}/32`],
    'relay.lifetime.default_s': LIFETIME_SECONDS,
    'api.address': `${RELAY}:8080`,
    'api.allow_plain_http': true,
    'status.address': `${RELAY}:9641`,
    ...settings,
  });
  const peers = { addresses: [PEERS], launcher: made.links.launcher('peers') };
  made.peer = { address: PEERS, port: await startPeer(context, peers) };
  return made;
};
