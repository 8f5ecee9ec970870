// Calls of two through the relay that go on until a test ends.
import { onEnd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const CHANNEL = 0x4000;
const PACKET_EVERY_MS = 20;
const PACKET_BYTES = 800;

/** A call whose ends talk, the first one twice as much: {ends, credential}. */
export const startCall = async (context, daemon, transport, fields = {}) => {
  const names = { room: 'standup', initiator_client: 'alice', receiver_client: 'bob', ttl: 600 };
  const credential = await daemon.credential({ ...names, ...fields });
  const connected = [];
  for (let index = 0; index < 2; ++index) {
    const end = await TurnClient.connect(daemon.server(transport), credential);
    onEnd(context, () => end.close());
    connected.push({ end, ...(await end.allocate()) });
  }
  const [first, second] = connected;
  await first.end.channelBind(CHANNEL, second.relayed);
  await second.end.channelBind(CHANNEL, first.relayed);
  const talk = setInterval(() => {
    first.end.sendOnChannel(CHANNEL, Buffer.alloc(PACKET_BYTES));
    second.end.sendOnChannel(CHANNEL, Buffer.alloc(PACKET_BYTES / 2));
  }, PACKET_EVERY_MS);
  onEnd(context, () => clearInterval(talk));
  const room = `/api/v1/rooms/${fields.room ?? names.room}`;
  await daemon.until(async () => (await daemon.ask('GET', room)).status === 200 || undefined);
  return { ends: [first.end, second.end], credential };
};
