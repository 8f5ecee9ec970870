// The figures of the last ten minutes, and each new one as the server sends it; in a fleet that is the sign
// to ask for those of all nodes. Their number is bounded.
import { useEffect, useState } from 'preact/hooks';
import { project } from '../api/account';
import { api, openStream, withQuery, type ApiError } from '../api/client';
import type { Sample, Stats } from '../api/types';
import { eventsOf } from './event_stream';

const SAMPLES_MAX = 300;
const RETRY_MS = 3_000;

export interface Feed {
  /** Undefined until they are there. */
  samples: Sample[] | undefined;
  error: ApiError | undefined;
  /** Regions whose figures are missing. */
  partial: string[];
  /** Grows when a session has begun or ended. */
  turns: number;
}

const NOTHING: Feed = { samples: undefined, error: undefined, partial: [], turns: 0 };

/** What came last replaces what was said of the same time before. */
const joined = (before: Sample[], more: Sample[]) => {
  const begin = more[0]?.at;
  if (begin === undefined) return before;
  return [...before.filter(({ at }) => at < begin), ...more].slice(-SAMPLES_MAX);
};

/** Keeps the figures up to date while the component that calls it is shown. */
export const useFeed = (): Feed => {
  const [feed, setFeed] = useState(NOTHING);
  const about = project.value;
  useEffect(() => {
    const stop = new AbortController();
    const listen = async () => {
      const events = await openStream('/events', stop.signal);
      const ask = (from?: string) => api<Stats>(withQuery('/stats', { from }), { signal: stop.signal });
      const { items, nodes, partial } = await ask();
      setFeed(({ turns }) => ({ samples: items, error: undefined, partial, turns: turns + 1 }));
      const isFleet = nodes > 1 || partial.length > 0;
      let last = items.at(-1)?.at;
      for await (const { name, data } of eventsOf(events)) {
        if (name === 'stats') {
          const own = JSON.parse(data) as Sample;
          // Others close their intervals a little later: what was missing of the last sample comes now.
          const seen = isFleet ? await ask(last) : { items: [own], partial: [] };
          last = own.at;
          setFeed((before) => ({
            ...before,
            samples: joined(before.samples ?? [], seen.items),
            partial: seen.partial,
          }));
        } else {
          setFeed((before) => ({ ...before, turns: before.turns + 1 }));
        }
      }
    };
    const keepListening = async () => {
      while (!stop.signal.aborted) {
        try {
          await listen();
        } catch (fault) {
          if (stop.signal.aborted) return;
          setFeed((before) => ({ ...before, error: fault as ApiError }));
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    setFeed(NOTHING);
    void keepListening();
    return () => stop.abort();
  }, [about]);
  return feed;
};
