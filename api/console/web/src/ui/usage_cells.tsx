// The figures of one row of usage, as cells of a table with these columns.
import type { UsageRow } from '../api/types';
import { bytes, count } from './format';

export const USAGE_COLUMNS = ['Sessions', 'From clients', 'To clients'];

export const UsageCells = ({ row: { sessions, traffic } }: { row: UsageRow }) => (
  <>
    <td data-name="Sessions" class="number">
      {count(sessions)}
    </td>
    <td data-name="From clients" class="number">
      {bytes(traffic.uplink_bytes)}
    </td>
    <td data-name="To clients" class="number">
      {bytes(traffic.downlink_bytes)}
    </td>
  </>
);
