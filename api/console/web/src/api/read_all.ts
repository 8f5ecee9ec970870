// A list of the API as a whole, page after page, for what needs all of it at once.
import { api, withQuery } from './client';
import type { Page } from './types';

const PAGE_SIZE = 100;

export interface Whole<Item> {
  items: Item[];
  /** There are more than were asked for. */
  isCut: boolean;
}

interface Bounds {
  /** No further page is asked for once there are as many. */
  most?: number;
  signal?: AbortSignal;
}

export const readAll = async <Item>(
  path: string,
  query: Record<string, string> = {},
  { most = Infinity, signal }: Bounds = {},
): Promise<Whole<Item>> => {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await api<Page<Item>>(
      withQuery(path, { ...query, limit: PAGE_SIZE, cursor }),
      signal ? { signal } : {},
    );
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return { items, isCut: cursor !== null };
};

const NAMES_MAX = 1_000;

/** For `useQuery`: what a page has names or a choice of. */
export const readNames = <Item>(path: string, signal: AbortSignal) =>
  readAll<Item>(path, {}, { most: NAMES_MAX, signal });
