// Calls of two through the relay that go on until a test ends, or until they are counted.
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

const CHANNEL = 0x4000;
const PACKET_EVERY_MS = 20;
const PACKET_BYTES = 800;
/** What has not arrived when nothing came for so long is lost. */
const STRAGGLERS_MS = 2000;

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

/** One end talks to the other through the relay; end() says how much has arrived of what was sent. */
export const startNumberedCall = async (context, server, credential) => {
  const arrived = new Set();
  let arrivedAt = Date.now();
  const onArrival = ({ data }) => {
    arrived.add(data.toString());
    arrivedAt = Date.now();
  };
  const ends = [];
  for (let index = 0; index < 2; ++index) {
    const end = await TurnClient.connect(server, credential, { onArrival });
    onEnd(context, () => end.close());
    ends.push({ end, ...(await end.allocate()) });
  }
  const [from, to] = ends;
  await from.end.channelBind(CHANNEL, to.relayed);
  await to.end.channelBind(CHANNEL, from.relayed);
  let sent = 0;
  const talk = setInterval(() => from.end.sendOnChannel(CHANNEL, `${sent++}`), PACKET_EVERY_MS);
  onEnd(context, () => clearInterval(talk));
  return {
    sent: () => sent,
    end: async () => {
      clearInterval(talk);
      while (arrived.size < sent && Date.now() < arrivedAt + STRAGGLERS_MS) await sleep(20);
      await Promise.all(ends.map(({ end }) => end.refresh(0)));
      return { sent, arrived: arrived.size };
    },
  };
};
