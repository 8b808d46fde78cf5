import { expect, test } from 'vitest';
import {
  accessPointText,
  bcdDigits,
  flaggedPlace,
  nowhere,
  plmnText,
  ratName,
  routingArea,
  typedPlace,
} from './mobile-elements.ts';

const whole = <T>(read: (bytes: Uint8Array, start: number, end: number) => T, ...bytes: number[]): T =>
  read(Uint8Array.from(bytes), 0, bytes.length);

test('digits stand two to a byte, the lower half first, up to the filler', () => {
  expect(whole(bcdDigits, 0x32, 0x02, 0x01, 0xf4)).toBe('2320104');
  expect(whole(bcdDigits, 0x21, 0x43)).toBe('1234');
  expect(whole(bcdDigits, 0x21, 0xa3)).toBe('');
  expect(whole(bcdDigits)).toBe('');
});

test('a network has a code of two digits or three', () => {
  expect(plmnText(Uint8Array.of(0x32, 0xf2, 0x10), 0)).toBe('232-01');
  expect(plmnText(Uint8Array.of(0x13, 0x00, 0x14), 0)).toBe('310-410');
  expect(plmnText(Uint8Array.of(0xff, 0xff, 0xff), 0)).toBe('');
});

test("an access point is its labels without the operator's part; plain text is taken too", () => {
  const labels = (...names: string[]) => names.flatMap((name) => [name.length, ...Buffer.from(name)]);
  expect(whole(accessPointText, ...labels('A1', 'net'))).toBe('a1.net');
  expect(whole(accessPointText, ...labels('internet', 'mnc001', 'mcc232', 'gprs'))).toBe('internet');
  expect(whole(accessPointText, ...Buffer.from('internet'))).toBe('internet');
  expect(whole(accessPointText)).toBe('');
});

test('places are told in words and decimal numbers', () => {
  const plmn = [0x32, 0xf2, 0x10];
  expect(whole(typedPlace, 0, ...plmn, 0x04, 0xd2, 0x16, 0x2e)).toEqual({
    cell: 'cgi 232-01-1234-5678',
    plmn: '232-01',
  });
  expect(whole(typedPlace, 1, ...plmn, 0, 1, 0, 2).cell).toBe('sai 232-01-1-2');
  expect(whole(typedPlace, 128, ...plmn, 0x2e, 0x18).cell).toBe('tai 232-01-11800');
  expect(whole(typedPlace, 130, ...plmn, 0x2e, 0x18, ...plmn, 0xf1, 0xce, 0x66, 0x21).cell).toBe(
    'ecgi 232-01-30303777',
  );
  expect(whole(typedPlace, 135, ...plmn, 0x0f, 0xff, 0xff, 0xff, 0xff).cell).toBe(`ncgi 232-01-${2 ** 36 - 1}`);
  expect(whole(routingArea, ...plmn, 0, 1, 9).cell).toBe('rai 232-01-1-9');
  expect(whole(typedPlace, 0, ...plmn, 0x04, 0xd2, 0x16)).toBe(nowhere);
  expect(whole(typedPlace, 77, ...plmn)).toBe(nowhere);
  expect(whole(typedPlace)).toBe(nowhere);
});

test('of several places the most exact is told', () => {
  const plmn = [0x32, 0xf2, 0x10];
  const cgi = [...plmn, 0, 1, 0, 2];
  const tai = [...plmn, 0, 3];
  expect(whole(flaggedPlace, 0x09, ...cgi, ...tai).cell).toBe('cgi 232-01-1-2');
  expect(whole(flaggedPlace, 0x08, ...tai).cell).toBe('tai 232-01-3');
  // The cell is cut off: the area is left.
  expect(whole(flaggedPlace, 0x18, ...tai, ...plmn, 0).cell).toBe('tai 232-01-3');
  expect(whole(flaggedPlace)).toBe(nowhere);
});

test('technologies have the names of the standard, unknown ones their number', () => {
  expect([1, 2, 6, 10, 77, 0].map(ratName)).toEqual(['UTRAN', 'GERAN', 'EUTRAN', 'NR', 'RAT 77', '']);
});
