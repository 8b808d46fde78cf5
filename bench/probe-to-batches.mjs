/** What the probe and the labellers cost without the store: imports a capture and throws the sealed batches away. */
import { importInto } from './import-into.mjs';

await importInto(process.argv.slice(2), { write: async () => {} });
