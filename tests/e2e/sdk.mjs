// The client SDKs as the contract knows them: what they send, and how strictly they read what comes back.
import assert from 'node:assert/strict';
import net from 'node:net';

/** The JavaScript SDK: a form, any 2xx, an error that carries the body's text. */
export const requestAsJavaScript = async ({ apiUrl, token }, fields = {}) => {
  const response = await fetch(apiUrl, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields),
  });
  if (!response.ok) {
    throw new Error(`Failed to fetch ICE credentials: ${response.status} ${await response.text()}`);
  }
  return (await response.json()).iceServers;
};

/** What a browser's RTCPeerConnection constructor demands of iceServers. */
export const assertIceServers = (iceServers) => {
  assert.ok(Array.isArray(iceServers));
  for (const server of iceServers) {
    assert.ok(Array.isArray(server.urls) && server.urls.length > 0);
    for (const url of server.urls) assert.match(url, /^(stun:|turns?:).+/);
    const isTurn = server.urls.some((url) => url.startsWith('turn'));
    assert.equal(typeof server.username, isTurn ? 'string' : 'undefined');
    assert.equal(typeof server.credential, isTurn ? 'string' : 'undefined');
    if (isTurn) assert.ok(Buffer.byteLength(server.username) <= 508);
  }
};

/** DateTime.parse takes more than this; the contract promises exactly this. */
export const assertUtcMilliseconds = (text) => {
  assert.match(text, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  assert.equal(new Date(text).toISOString(), text);
};

/** The Dart SDK: exactly 200, iceServers with lists of strings, expiresAt a date. The decoded body. */
export const readAsDart = ({ status, body }) => {
  assert.equal(status, 200);
  const decoded = JSON.parse(body);
  assertIceServers(decoded.iceServers);
  assertUtcMilliseconds(decoded.expiresAt);
  return decoded;
};

/** Sends the bytes of a recorded request, {host} and {token} filled in: {status, headers, body}. */
export const replay = async (recorded, { api, token }) => {
  const { hostname, port, host } = new URL(api);
  const socket = net.connect({ host: hostname, port });
  socket.write(recorded.replace('{host}', host).replace('{token}', token));
  let answer = '';
  for await (const bytes of socket) {
    answer += bytes;
    const response = parsed(answer);
    if (response && Buffer.byteLength(response.body) >= Number(response.headers['content-length']))
      return response;
  }
  throw new Error(`the answer is incomplete: ${answer}`);
};

const parsed = (answer) => {
  const [head, body] = answer.split('\r\n\r\n', 2);
  if (body === undefined) return undefined;
  const [statusLine, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name, ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body };
};
