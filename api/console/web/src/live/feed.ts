// The figures of the last ten minutes, and each new one as the server sends it. Their number is bounded.
import { useEffect, useState } from 'preact/hooks';
import { project } from '../api/account';
import { api, openStream, type ApiError } from '../api/client';
import type { Sample, Stats } from '../api/types';
import { eventsOf } from './event_stream';

const SAMPLES_MAX = 300;
const RETRY_MS = 3_000;

export interface Feed {
  /** Undefined until they are there. */
  samples: Sample[] | undefined;
  error: ApiError | undefined;
  /** Grows when a session has begun or ended. */
  turns: number;
}

const NOTHING: Feed = { samples: undefined, error: undefined, turns: 0 };

/** Keeps the figures up to date while the component that calls it is shown. */
export const useFeed = (): Feed => {
  const [feed, setFeed] = useState(NOTHING);
  const about = project.value;
  useEffect(() => {
    const stop = new AbortController();
    const listen = async () => {
      const events = await openStream('/events', stop.signal);
      const { items } = await api<Stats>('/stats', { signal: stop.signal });
      setFeed(({ turns }) => ({ samples: items, error: undefined, turns: turns + 1 }));
      for await (const { name, data } of eventsOf(events)) {
        if (name === 'stats') {
          const sample = JSON.parse(data) as Sample;
          setFeed((before) => ({
            ...before,
            samples: [...(before.samples ?? []), sample]
              .filter(({ at }, index, all) => index === 0 || at > all[index - 1]!.at)
              .slice(-SAMPLES_MAX),
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
