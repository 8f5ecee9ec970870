// A node that is drained while a call goes on through it: nothing of the call is lost, and who comes now is
// sent to another node (RFC 8489 §10).
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNumberedCall } from './calls.mjs';
import { onEnd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** Fewer would say little. */
const PACKETS_MIN = 26;

/**
 * Drains the region of `daemon`, whose node is at the address `place`, under a call: {alternate: where
 * newcomers are sent, drained: runs a step meanwhile, and ends the call; undrain}.
 */
export const drainUnderCall = async (context, daemon, { place }) => {
  const server = daemon.server('udp', place);
  const { region, ...credential } = await daemon.credential({ ttl: 600 });
  const call = await startNumberedCall(context, server, credential);
  const stranger = await TurnClient.connect(server, credential);
  onEnd(context, () => stranger.close());
  const set = async (isOperational) => {
    const change = { is_operational: isOperational };
    const { status, body } = await daemon.ask('PATCH', `/api/v1/regions/${region}`, change);
    assert.equal(status, 200, JSON.stringify(body));
  };
  await set(false);
  const { errorCode, alternate } = await stranger.allocate();
  assert.equal(errorCode, 300);
  return {
    alternate,
    drained: async (meanwhile) => {
      const newcomer = await TurnClient.connect({ transport: 'udp', ...alternate }, credential);
      onEnd(context, () => newcomer.close());
      assert.equal((await newcomer.allocate()).errorCode, undefined);
      await newcomer.refresh(0);
      await meanwhile();
      while (call.sent() < PACKETS_MIN) await sleep(20);
      const { sent, arrived } = await call.end();
      assert.equal(arrived, sent);
    },
    undrain: () => set(true),
  };
};
