// A real call over one URL: two ends in this browser that may reach each other through the relay only.
//
//   this browser → relay (caller's address) → relay (callee's address) → this browser, and back
import type { IceServer } from '../api/types';

const GATHER_MS = 12_000;
const CONNECT_MS = 15_000;
const PROBES = 100;
const PROBE_EVERY_MS = 20;
const LAST_PROBE_MS = 1_500;
const PROBE_BYTES = 200;

export interface Candidate {
  type: string;
  protocol: string;
  address: string;
}

/** What the browser says about a server that it could not use (RTCPeerConnectionIceErrorEvent). */
export interface IceError {
  code: number;
  text: string;
}

export type Stage = 'waiting' | 'gathering' | 'connecting' | 'measuring' | 'done';

export interface RelayResult {
  stage: Stage;
  candidates: Candidate[];
  errors: IceError[];
  /** From the start to the first address at the relay, to an open channel. */
  firstCandidateMs?: number;
  connectedMs?: number;
  /** There and back, which passes the relay four times. */
  roundTripMs?: number;
  /** Of the probes, those that did not come back: 0 to 1. */
  loss?: number;
}

export const unstarted = (): RelayResult => ({ stage: 'waiting', candidates: [], errors: [] });

type Report = (now: RelayResult) => void;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const candidateOf = ({ type, protocol, address, port }: RTCIceCandidate): Candidate => ({
  type: type ?? 'unknown',
  protocol: protocol ?? '',
  address: address?.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
});

const connectionFor = (server: IceServer, policy: RTCIceTransportPolicy) =>
  new RTCPeerConnection({
    iceServers: [server as RTCIceServer],
    iceTransportPolicy: policy,
  });

/** Resolves to false when the time is over first. */
const within = (ms: number, event: Promise<unknown>) =>
  Promise.race([event.then(() => true), pause(ms).then(() => false)]);

const median = (values: number[]) =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;

/** Sends numbered probes that the other end sends back: {roundTripMs, loss}. */
const measure = async (channel: RTCDataChannel) => {
  const times: number[] = [];
  const sentAt = new Map<number, number>();
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    const number = new DataView(data).getUint32(0);
    const start = sentAt.get(number);
    if (start === undefined) return;
    sentAt.delete(number);
    times.push(performance.now() - start);
  };
  for (let number = 0; number < PROBES; ++number) {
    const probe = new DataView(new ArrayBuffer(PROBE_BYTES));
    probe.setUint32(0, number);
    sentAt.set(number, performance.now());
    channel.send(probe.buffer);
    await pause(PROBE_EVERY_MS);
  }
  const deadline = performance.now() + LAST_PROBE_MS;
  while (sentAt.size > 0 && performance.now() < deadline) await pause(20);
  return { roundTripMs: median(times), loss: sentAt.size / PROBES };
};

/** Offer and answer, with candidates as they come. */
const introduce = async (caller: RTCPeerConnection, callee: RTCPeerConnection) => {
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription!);
  await callee.setLocalDescription();
  await caller.setRemoteDescription(callee.localDescription!);
};

class RelayTest {
  private readonly result = unstarted();
  private readonly start = performance.now();
  private readonly caller: RTCPeerConnection;
  private readonly callee: RTCPeerConnection;

  constructor(
    server: IceServer,
    private readonly report: Report,
  ) {
    this.caller = connectionFor(server, 'relay');
    this.callee = connectionFor(server, 'relay');
  }

  async run() {
    try {
      await this.call();
    } finally {
      this.caller.close();
      this.callee.close();
      this.tell({ stage: 'done' });
    }
  }

  private tell(more: Partial<RelayResult>) {
    Object.assign(this.result, more);
    this.report({ ...this.result });
  }

  private async call() {
    const channel = this.caller.createDataChannel('probes', { ordered: false, maxRetransmits: 0 });
    const isOpen = new Promise((resolve) => channel.addEventListener('open', resolve, { once: true }));
    this.callee.ondatachannel = ({ channel: other }) => {
      other.onmessage = ({ data }) => other.readyState === 'open' && other.send(data);
    };
    this.tell({ stage: 'gathering' });
    const hasGathered = this.gather();
    await introduce(this.caller, this.callee);
    await within(GATHER_MS, hasGathered);
    if (this.result.candidates.length === 0) return;
    this.tell({ stage: 'connecting' });
    if (!(await within(CONNECT_MS, isOpen))) return;
    this.tell({ stage: 'measuring', connectedMs: performance.now() - this.start });
    this.tell(await measure(channel));
  }

  /** Resolves with the caller's first candidate, or when there will be none. */
  private gather() {
    this.callee.onicecandidate = ({ candidate }) => candidate && this.caller.addIceCandidate(candidate);
    for (const end of [this.caller, this.callee]) {
      end.onicecandidateerror = ({ errorCode, errorText }) =>
        this.tell({ errors: [...this.result.errors, { code: errorCode, text: errorText }] });
    }
    return new Promise<void>((resolve) => {
      this.caller.onicecandidate = ({ candidate }) => {
        if (!candidate?.candidate) return resolve();
        void this.callee.addIceCandidate(candidate);
        this.tell({
          candidates: [...this.result.candidates, candidateOf(candidate)],
          firstCandidateMs: this.result.firstCandidateMs ?? performance.now() - this.start,
        });
        resolve();
      };
    });
  }
}

/** Tests one TURN URL; reports after each step. */
export const testRelay = (server: IceServer, report: Report) => new RelayTest(server, report).run();

/** Asks a STUN server how it sees this browser; no candidate and no error means: as it is. */
export const testStun = async (server: IceServer, report: Report) => {
  const result = unstarted();
  const tell = (more: Partial<RelayResult>) => report({ ...Object.assign(result, more) });
  const start = performance.now();
  const connection = connectionFor(server, 'all');
  connection.createDataChannel('probes');
  connection.onicecandidateerror = ({ errorCode, errorText }) =>
    tell({ errors: [...result.errors, { code: errorCode, text: errorText }] });
  const hasGathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return resolve();
      if (candidate.type !== 'srflx') return;
      tell({
        candidates: [...result.candidates, candidateOf(candidate)],
        firstCandidateMs: result.firstCandidateMs ?? performance.now() - start,
      });
    };
  });
  tell({ stage: 'gathering' });
  await connection.setLocalDescription();
  await within(GATHER_MS, hasGathered);
  connection.close();
  tell({ stage: 'done' });
};
