// Reads differences.md: the table of every difference between the two servers that is known and explained.
import { readFileSync } from 'node:fs';

const FILE = new URL('differences.md', import.meta.url);
const COLUMNS = ['scenario', 'step', 'what', 'turnixd', 'turnserver', 'clause', 'right', 'why'];
const ANY = '*';

const cells = (line) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

const readRows = () =>
  readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|( Scenario|[ -]*-)/.test(line))
    .map((line) => {
      const values = cells(line);
      if (values.length !== COLUMNS.length || values.includes(''))
        throw new Error(`differences.md: ${COLUMNS.length} cells, none empty, are a row: ${line}`);
      return { ...Object.fromEntries(COLUMNS.map((column, at) => [column, values[at]])), uses: 0 };
    });

/** A difference as a row of the table; what is not explained yet has its last columns in capitals. */
export const asRow = (difference) =>
  `| ${COLUMNS.map((column) => difference[column] ?? column.toUpperCase()).join(' | ')} |`;

export class Explained {
  #rows = readRows();

  /** Is the difference {scenario, step, what, turnixd, turnserver} in the table? */
  covers(difference) {
    const row = this.#rows.find((each) =>
      COLUMNS.slice(0, 5).every((column) => [ANY, difference[column]].includes(each[column])),
    );
    if (row) ++row.uses;
    return row !== undefined;
  }

  /** Rows that no difference needed. */
  unused() {
    return this.#rows.filter((row) => row.uses === 0);
  }
}
