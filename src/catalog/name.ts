/** Names as the catalog compares them: lower case, A-labels, no final dot. */
import { domainToASCII } from 'node:url';

/** Octets of a name in text (RFC 1035 section 2.3.4, less the length octets of the ends). */
export const maxNameLength = 253;

const needsFolding = /[^\x21-\x40\x5b-\x7e]/;

/**
 * The form in which a name is compared; '' if it cannot be a host name.
 *
 * @example
 * normaliseName('Bücher.Example.') // 'xn--bcher-kva.example'
 */
export const normaliseName = (name: string): string => {
  if (name.length > 4 * maxNameLength) return '';
  let folded = name.endsWith('.') ? name.slice(0, -1) : name;
  if (needsFolding.test(folded)) {
    folded = folded.toLowerCase();
    // Only what is not ASCII goes through IDNA, which would read 0x7f.1 as an address.
    if (/[^\x21-\x7e]/.test(folded)) folded = domainToASCII(folded);
  }
  return folded.length > maxNameLength ? '' : folded;
};
