/** What a message or a record says of a subscriber: who, with which device, at what place, under which addresses. */

/** '' and undefined are "not said". */
export interface Subscriber {
  /** International Mobile Subscriber Identity: up to 15 digits (TS 23.003 2.2). */
  readonly imsi: string;
  /** Telephone number in international form, digits alone (TS 23.003 3.3). */
  readonly msisdn: string;
  /** Identity of the device as written: 14 digits, and check digit or software version behind (TS 23.003 6.2); or its first 8 alone. */
  readonly imei: string;
  /** Name that the subscriber logs in with. */
  readonly userName: string;
  /** Access point name, without the operator's part. */
  readonly apn: string;
  /** Radio access technology. */
  readonly rat: string;
  /** Where the subscriber is: `cgi 232-01-1234-5678`, `ecgi ...`, `tai ...`. */
  readonly cell: string;
  /** Network that serves the subscriber, `MCC-MNC`. */
  readonly plmn: string;
  /** Addresses of the subscriber: 4 bytes; 16 bytes, of which the first 8, a /64, are the subscriber's own. */
  readonly ipv4: Uint8Array | undefined;
  readonly ipv6: Uint8Array | undefined;
}

/** Of whom nothing is said. */
export const nobody: Subscriber = {
  imsi: '',
  msisdn: '',
  imei: '',
  userName: '',
  apn: '',
  rat: '',
  cell: '',
  plmn: '',
  ipv4: undefined,
  ipv6: undefined,
};
