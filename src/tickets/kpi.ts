/** The table of key performance indicators: what the operator counts elsewhere, to hold against what was measured here. */
import { origin, real, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  counted_at: time('What the value is of: the start of its hour, day or month, or the moment.'),
  name: text("What is counted, as the file names it: 'sms', 'mms', 'subscribers', 'complaints' ..."),
  dimension: text(
    "Of whom, as `column=value` where it is a part that flows tell too ('apn=internet', 'cell=ecgi 232-01-7', 'os=iOS'), else any word; '' is everybody.",
  ),
  value: real('The value, in the unit of the counter.'),
};

export const kpi: Table<typeof columns> = {
  name: 'kpi',
  doc: 'One row a value that somebody else counted, such as the messages of a day: imported, never measured here.',
  columns,
};
