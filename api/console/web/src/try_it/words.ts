// What came of a test, and what to do about it, for people who do not know TURN.
import type { Tone } from '../ui/parts';
import type { RelayResult } from './relay_test';

export interface IceUrl {
  kind: 'stun' | 'relay';
  /** UDP, TCP, TLS or DTLS: how the browser reaches the server. */
  transport: string;
  host: string;
}

export interface Verdict {
  tone: Tone;
  word: string;
  /** Empty when there is nothing to explain. */
  text: string;
}

const TRANSPORTS: Record<string, string> = {
  'turn:udp': 'UDP',
  'turn:tcp': 'TCP',
  'turns:tcp': 'TLS',
  'turns:udp': 'DTLS',
};

export const readUrl = (url: string): IceUrl => {
  const [scheme = '', rest = ''] = url.split(/:(.*)/s);
  const [host = '', query = ''] = rest.split('?');
  if (scheme.startsWith('stun')) return { kind: 'stun', transport: 'UDP', host };
  const way = new URLSearchParams(query).get('transport') ?? (scheme === 'turns' ? 'tcp' : 'udp');
  return { kind: 'relay', transport: TRANSPORTS[`${scheme}:${way}`] ?? way.toUpperCase(), host };
};

/** STUN error codes (RFC 8489 §14.8, RFC 8656 §19) that a relay answers an allocation with. */
const REFUSALS: Record<number, string> = {
  300: 'The relay sends its clients elsewhere: it is draining or full. Run the test again.',
  401:
    'The relay does not accept the credential. It may have expired meanwhile; if it happens ' +
    'again, compare the clocks and the key rings of the nodes.',
  403: 'The credential does not allow this: its transport, or the address that you come from.',
  437: 'The relay ended the session. Was it terminated, or its credential revoked?',
  441: 'The relay does not accept the credential: it belongs to another session.',
  442: 'The relay does not offer this transport.',
  486: 'The quota is used up: too many sessions for this credential or this project.',
  508: 'The relay has no room for another session at present.',
};

const UNREACHABLE: Record<string, (host: string) => string> = {
  UDP: (host) =>
    `Nothing answers at ${host} over UDP. Company networks often let no UDP through; where TCP ` +
    `or TLS works below, calls work too, with a little more delay. If it fails everywhere, look ` +
    `at the server's firewall.`,
  TCP: (host) =>
    `No connection to ${host} over TCP. A firewall stands between, or the server does not listen there.`,
  TLS: (host) =>
    `No TLS connection to ${host}. The browser has to trust the certificate for that name; a ` +
    `self-signed one, which a fresh node has, is accepted by no browser. Otherwise a firewall ` +
    `stands between.`,
  DTLS: (host) =>
    `Nothing answers at ${host} over DTLS. Browsers do not speak it at present; this is for ` +
    `other clients.`,
};

const failure = (url: IceUrl, result: RelayResult): string => {
  const refusal = result.errors.map(({ code }) => REFUSALS[code]).find((text) => text !== undefined);
  if (refusal) return refusal;
  if (result.candidates.length > 0) {
    return (
      'The relay gave an address, but nothing comes through it. Look at the firewall for the relay ' +
      'ports (UDP from relay.ports.first to relay.ports.last, 49152–65535 unless configured) and, ' +
      'behind NAT, at relay.addresses.'
    );
  }
  return UNREACHABLE[url.transport]?.(url.host) ?? `Nothing answers at ${url.host}.`;
};

const BUSY: Partial<Record<RelayResult['stage'], Verdict>> = {
  waiting: { tone: 'quiet', word: 'Waiting', text: '' },
  gathering: { tone: 'busy', word: 'Asking the relay', text: '' },
  connecting: { tone: 'busy', word: 'Connecting', text: '' },
  measuring: { tone: 'busy', word: 'Measuring', text: '' },
};

const stunVerdict = (url: IceUrl, result: RelayResult): Verdict => {
  const [seen] = result.candidates;
  if (seen) return { tone: 'good', word: 'Answers', text: `It sees you as ${seen.address}.` };
  if (result.errors.length === 0) {
    return {
      tone: 'good',
      word: 'Answers',
      text: 'It sees you under your own address: no NAT between.',
    };
  }
  return { tone: 'bad', word: 'No answer', text: UNREACHABLE['UDP']!(url.host) };
};

/** More than one in fifty lost is heard and seen. */
const LOSS_NOTICED = 0.02;

export const verdictOn = (url: IceUrl, result: RelayResult): Verdict => {
  const busy = BUSY[result.stage];
  if (busy) return busy;
  if (url.kind === 'stun') return stunVerdict(url, result);
  if (result.connectedMs === undefined)
    return { tone: 'bad', word: 'Fails', text: failure(url, result) };
  if ((result.loss ?? 0) > LOSS_NOTICED) {
    return {
      tone: 'warn',
      word: 'Works, with losses',
      text:
        'Some of the probes did not come back: the network between is full or weak. Sound and ' +
        'picture will suffer.',
    };
  }
  return { tone: 'good', word: 'Works', text: '' };
};

/** The whole of it in one sentence. */
export const summary = (outcomes: { url: IceUrl; verdict: Verdict }[]): Verdict => {
  const relays = outcomes.filter(({ url }) => url.kind === 'relay');
  const working = relays.filter(({ verdict }) => verdict.tone === 'good' || verdict.tone === 'warn');
  const names = working.map(({ url }) => url.transport).join(', ');
  if (working.length === relays.length) {
    return {
      tone: 'good',
      word: 'A call from this browser gets through.',
      text: `Every way works: ${names}.`,
    };
  }
  if (working.length > 0) {
    return {
      tone: 'warn',
      word: 'A call from this browser gets through.',
      text: `It works over ${names}; what fails is explained below.`,
    };
  }
  return {
    tone: 'bad',
    word: 'A call from this browser does not get through.',
    text: 'No way to the relay works; the reasons are below.',
  };
};
