// A GET whose answer a page shows, asked again while the page is looked at.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { project } from './account';
import { api, type ApiError } from './client';

/** How a path is asked for; the same function at each call of the hook. */
type Reader<Answer> = (path: string, signal: AbortSignal) => Promise<Answer>;

export interface Query<Answer> {
  /** The last good answer to this path. */
  data: Answer | undefined;
  /** Why there is no newer one. */
  error: ApiError | undefined;
  reload: () => void;
}

interface Held<Answer> {
  key: string;
  data?: Answer | undefined;
  error?: ApiError | undefined;
}

const readOne = <Answer>(path: string, signal: AbortSignal) => api<Answer>(path, { signal });

/** Asks for the path, and every so many milliseconds again; null asks for nothing. */
export const useQuery = <Answer>(
  path: string | null,
  everyMs = 0,
  read: Reader<Answer> = readOne,
): Query<Answer> => {
  const key = `${project.value} ${path}`;
  const [held, hold] = useState<Held<Answer>>({ key });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((now) => now + 1), []);

  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      if (!document.hidden) {
        try {
          const data = await read(path, stop.signal);
          hold({ key, data });
        } catch (fault) {
          if (stop.signal.aborted) return;
          hold((before) => ({
            key,
            data: before.key === key ? before.data : undefined,
            error: fault as ApiError,
          }));
        }
      }
      if (everyMs > 0 && !stop.signal.aborted) timer = window.setTimeout(ask, everyMs);
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [key, path, everyMs, read, turn]);

  const isCurrent = held.key === key;
  return { data: isCurrent ? held.data : undefined, error: isCurrent ? held.error : undefined, reload };
};
