// A list of the API, one page at a time: whatever its length, the browser holds one page of it.
import { useState } from 'preact/hooks';
import { withQuery, type ApiError } from './client';
import type { Page } from './types';
import { useQuery } from './use_query';

export interface Pages<Item> {
  items: Item[] | undefined;
  error: ApiError | undefined;
  /** Regions that have not answered. */
  partial: string[] | undefined;
  reload: () => void;
  /** Undefined when there is no such page. */
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
}

type Query = Record<string, string | undefined>;

export const usePages = <Item>(path: string, query: Query = {}, everyMs = 0): Pages<Item> => {
  const key = JSON.stringify([path, query]);
  const [held, hold] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const cursors = held.key === key ? held.cursors : [];
  const { data, error, reload } = useQuery<Page<Item>>(
    withQuery(path, { ...query, cursor: cursors.at(-1) }),
    everyMs,
  );
  const cursor = data?.next_cursor;
  return {
    items: data?.items,
    error,
    partial: data?.partial,
    reload,
    next: cursor ? () => hold({ key, cursors: [...cursors, cursor] }) : undefined,
    previous: cursors.length > 0 ? () => hold({ key, cursors: cursors.slice(0, -1) }) : undefined,
  };
};
