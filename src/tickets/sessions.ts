/** The table of mobile sessions: who held which address and which tunnels, from when to when. */
import { count, origin, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  started_at: time('From: since when the row holds. An update of the session that changes it begins a new row.'),
  ended_at: time('Until: when it ceased to hold; NULL if it still stood at the end of the input.'),
  opened_at: time('When the session began, the same in all its rows; NULL if that was not seen or told.'),
  kind: text("What told of the session: 'gtp', 'radius' or 'csv'."),
  end_reason: text(
    "Why the row ended: 'updated', 'deleted' (GTP), 'stopped' (RADIUS, or the end in a session file), 'replaced' (its address or its place went to another session), 'idle', 'evicted', 'eof' (it still stood).",
  ),
  client: text('Pseudonym of the subscriber: of the IMSI, else the MSISDN, else the user name, else the address.'),
  client_ip: text('IPv4 address of the subscriber; a pseudonym unless addresses are kept.'),
  client_prefix: text('IPv6 block (/64) of the subscriber; a pseudonym unless addresses are kept.'),
  imsi: text('Pseudonym of the IMSI.'),
  msisdn: text('Pseudonym of the MSISDN.'),
  imei: text('Pseudonym of the device: of the 14 digits of the IMEI that name it.'),
  tac: text('Type allocation code: the first 8 digits of the IMEI, which tell the model of the device.'),
  apn: text("Access point name, without the operator's part."),
  rat: text('Radio access technology: GERAN, UTRAN, EUTRAN, NR ...'),
  cell: text(
    'Place: `cgi MCC-MNC-LAC-CI`, `sai MCC-MNC-LAC-SAC`, `rai MCC-MNC-LAC-RAC`, `ecgi MCC-MNC-ECI`, `ncgi MCC-MNC-NCI` or `tai MCC-MNC-TAC`.',
  ),
  plmn: text('Network that serves the subscriber: MCC-MNC.'),
  up_teid: count('GTP tunnel endpoint id of what the subscriber sends, of the default bearer.'),
  down_teid: count('GTP tunnel endpoint id of what the subscriber receives, of the default bearer.'),
  up_control_teid: count('GTP tunnel endpoint id of control messages to the network side.'),
  down_control_teid: count('GTP tunnel endpoint id of control messages to the access side.'),
  gtp_peer: text(
    'Address of the GTP node on the side of the radio (SGSN, RNC, SGW, eNodeB) that user packets go to, or the SGSN that RADIUS names; a pseudonym unless addresses are kept.',
  ),
  gtp_gateway: text(
    'Address of the GTP node on the side of the Internet (GGSN, PGW, SGW); a pseudonym unless addresses are kept.',
  ),
};

export const sessions: Table<typeof columns> = {
  name: 'sessions',
  doc: 'One row a mobile session, or a part of one between updates that changed where the subscriber is or how packets reach it.',
  columns,
};
