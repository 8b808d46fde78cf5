/** The table of runs: a row for each time that a job went over a window. */
import { count, counts, origin, type Table, text, texts, time } from './column.ts';

const columns = {
  ...origin,
  id: text('Hash of the job, the window and what its inputs held; `source` of every row that came of it.'),
  job: text('Name of the job and of the table that it fills.'),
  window_start: time('Start of the window; `reported_at` of its rows.'),
  window_end: time('End of the window.'),
  attempt: count('How manieth run of this window it is; the last one counts.'),
  reason: text(
    "'new', 'late' if an input has more than at the run before, 'relabelled' if its rows got other labels since, 'replay' if a person asked for it.",
  ),
  number: count('How manieth commit of the job it was in.'),
  began_at: time('When the commit was begun, by the clock of the machine.'),
  duration_us: count('Microseconds that the query of this window took.'),
  cpu_us: count(
    'CPU time of the process while the commit was made, jobs beside it included, shared out evenly over its windows.',
  ),
  inputs: texts('The tables that it read.'),
  input_marks: counts(
    'What grows with each of these inputs: for tickets the rows of the slice, for the table of a job the runs behind it.',
  ),
  output_rows: count('Rows that it gave.'),
  job_version: text('Fingerprint of the job file.'),
  snapshot: count('Number of the snapshot of the store that its inputs are of.'),
};

export const runs: Table<typeof columns> = {
  name: 'runs',
  doc: 'One row a window and run of a job. Windows without a row were not run: no input had a row, or not yet.',
  columns,
};
