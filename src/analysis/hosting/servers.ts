/** What the cards on servers have in common. */
import { bytesColumn, shareColumn } from '../card.ts';

/** The columns of the bytes of some servers. */
export const serverBytes = bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.');
export const serverByteShare = shareColumn('byte_share', 'Of bytes', 'Share of the bytes of all servers.');

/** What to say where there are none. */
export const noServers = {
  finding: 'No flow of this scope has a server address.',
  hint: 'Import records that carry addresses: sonde import PATH',
};
