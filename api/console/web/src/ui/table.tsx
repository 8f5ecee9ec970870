// A list as a table; on a narrow screen each row becomes a card, with the column's name beside each value.
import { ChevronLeft, ChevronRight } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import type { Pages } from '../api/use_pages';
import { PartialNote } from './partial_note';
import { ErrorNote, Waiting } from './parts';

interface TableProps<Item> {
  caption: string;
  columns: string[];
  /** Those of them that hold figures. */
  numbers?: string[];
  pages: Pages<Item>;
  empty: ComponentChildren;
  /** A <tr> whose cells carry data-name. */
  row: (item: Item) => ComponentChildren;
}

export const Table = <Item,>({
  caption,
  columns,
  numbers = [],
  pages,
  empty,
  row,
}: TableProps<Item>) => {
  const { items, error, partial, reload } = pages;
  if (error && !items) return <ErrorNote error={error} retry={reload} />;
  if (!items) return <Waiting lines={6} />;
  return (
    <>
      {error && <ErrorNote error={error} retry={reload} />}
      <PartialNote away={partial} />
      {items.length === 0 ? (
        empty
      ) : (
        <div class="table-frame">
          <table>
            <caption class="unseen">{caption}</caption>
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col" class={numbers.includes(name) ? 'number' : undefined}>
                    {name || <span class="unseen">Actions</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{items.map(row)}</tbody>
          </table>
        </div>
      )}
    </>
  );
};

export const PageTurner = <Item,>({ pages: { previous, next } }: { pages: Pages<Item> }) => {
  if (!previous && !next) return null;
  return (
    <nav class="turner" aria-label="Pages of the list">
      <button type="button" disabled={!previous} onClick={previous}>
        <ChevronLeft size={16} aria-hidden="true" />
        Previous
      </button>
      <button type="button" disabled={!next} onClick={next}>
        Next
        <ChevronRight size={16} aria-hidden="true" />
      </button>
    </nav>
  );
};
