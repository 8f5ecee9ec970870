// A call that goes on while something happens to the daemon.
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from '../e2e/daemon.mjs';
import { TurnClient } from '../e2e/turn_client.mjs';

/**
 * A client that calls itself until it is told to stop: {stop} gives how many {datagrams} came back and how
 * many were {lost}. More than `losses` of them end the call, and so does a last one that does not come back.
 */
export const startCall = async (context, daemon, transport, losses = 0) => {
  const patience = losses === 0 ? {} : { patienceMs: 500 };
  const client = await TurnClient.connect(daemon.server(transport), await daemon.credential(), patience);
  onEnd(context, () => client.close());
  const { relayed } = await client.allocate();
  await client.createPermission(relayed);
  let goesOn = true;
  let datagrams = 0;
  let lost = 0;
  const comesBack = async () => {
    client.send(relayed, `packet ${datagrams}`);
    await client.receive();
    ++datagrams;
  };
  const done = (async () => {
    while (goesOn) {
      await comesBack().catch((fault) => {
        if (++lost > losses) throw new Error(`the call over ${transport}`, { cause: fault });
      });
      await sleep(10);
    }
    await comesBack();
  })();
  done.catch(() => {}); // whoever stops it is told
  return {
    stop: async () => {
      goesOn = false;
      await done;
      return { datagrams, lost };
    },
  };
};
