// The event stream of a daemon that runs: a call's begin and end, figures, the end of the stream.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onEnd, startDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** Server-sent events of GET /api/v1/events, as a reader of streams gets them. */
const listen = async (context, daemon, query = '', token = daemon.token) => {
  const leave = new AbortController();
  onEnd(context, () => leave.abort());
  const answer = await fetch(`${daemon.api}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leave.signal,
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    /** The next event: {name, data}; undefined at the end of the stream. */
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          const field = (name) =>
            lines.find((each) => each.startsWith(`${name}: `))?.slice(name.length + 2);
          if (field('event')) return { name: field('event'), data: JSON.parse(field('data')) };
          continue;
        }
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += value;
      }
    },
    async until(isWanted) {
      for (;;) {
        const event = await this.next();
        assert.ok(event, 'the stream has ended');
        if (isWanted(event)) return event;
      }
    },
  };
};

describe('GET /api/v1/events', () => {
  test('tells of a call as it begins, goes on and ends', async (context) => {
    const daemon = await startDaemon(context);
    const calls = await listen(context, daemon, '?types=session.started,session.ended');
    const figures = await listen(context, daemon, '?types=stats');
    const credential = await daemon.credential({ room: 'standup' });
    const [alice, bob] = await Promise.all(
      [0, 1].map(() => TurnClient.connect(daemon.server('udp'), credential)),
    );
    for (const client of [alice, bob]) onEnd(context, () => client.close());
    const { relayed: atAlice } = await alice.allocate();
    const { relayed: atBob } = await bob.allocate();
    for (let i = 0; i < 2; ++i) {
      const started = await calls.next();
      assert.equal(started.name, 'session.started');
      assert.equal(started.data.data.room, 'standup');
    }
    await alice.createPermission(atBob);
    await bob.createPermission(atAlice);
    alice.send(atBob, 'x'.repeat(1000));
    await bob.receive();
    const busy = await figures.until(({ data }) => data.uplink_bps > 0);
    assert.equal(busy.data.live_sessions, 2);
    assert.equal(Math.round((busy.data.uplink_bps * busy.data.interval_s) / 8), 1000);
    assert.equal(busy.data.node.live_sessions, 2);
    const { body } = await daemon.ask('GET', '/api/v1/stats');
    assert.deepEqual(
      body.items.find((each) => each.at === busy.data.at),
      busy.data,
    );
    const issued = body.items.reduce((sum, each) => sum + each.issued_per_s * each.interval_s, 0);
    assert.equal(Math.round(issued), 1);
    assert.ok(body.items.some((each) => each.node.refused_per_s[401] > 0));

    await alice.refresh(0);
    const ended = await calls.next();
    assert.equal(ended.name, 'session.ended');
    assert.equal(ended.data.data.end_reason, 'client_released');
    assert.equal(ended.data.data.uplink_bytes, 1000);
  });

  test('ends when the token is revoked, and when the daemon stops', async (context) => {
    const daemon = await startDaemon(context);
    const { body: other } = await daemon.post('/api/v1/tokens', { name: 'a', scopes: ['stats:read'] });
    const revoked = await listen(context, daemon, '?types=session.ended', other.token);
    const kept = await listen(context, daemon, '?types=session.ended');
    await daemon.ask('DELETE', `/api/v1/tokens/${other.id}`);
    assert.equal(await revoked.next(), undefined);
    assert.equal((await daemon.stop()).code, 0);
    assert.equal(await kept.next(), undefined);
  });
});
