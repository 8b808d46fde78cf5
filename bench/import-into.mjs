/** An import as the program makes it, whose sealed batches go to a sink of one's own. */
import { importCaptures } from '../dist/pipeline/import-captures.js';
import { labelOptions } from './label-options.mjs';

/** Imports captures as one stream. `sink.write` takes each batch. */
export const importInto = (inputs, sink) => {
  const stream = { inputs, name: 'bench' };
  return importCaptures(stream, labelOptions, sink);
};
