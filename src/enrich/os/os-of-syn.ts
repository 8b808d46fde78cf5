/** The fingerprint of a SYN to the systems that may have sent it. */
import { anyOs, type OsSet, osSet } from './os-set.ts';
import { type SynForm, synForms } from './syn-forms.ts';

const formsByLayout = new Map<string, SynForm[]>();
for (const form of synForms)
  for (const layout of form.layouts) formsByLayout.set(layout, [...(formsByLayout.get(layout) ?? []), form]);

/** TCP Fast Open (RFC 7413), its experimental number too, and what fills up behind it. */
const fastOpen = /,\?(?:34|254)(?:,nop)*$/;

const MAX_WINDOW = 65_535;

/**
 * The systems that send such a SYN; `anyOs` where no form of the table fits.
 *
 * @param signature as `syn_signature` holds it
 * @example osText(osOfSyn('4:64:0:1400:mss*10,6:mss,sok,ts,nop,ws:df,id+:0')) // 'Android'
 */
export const osOfSyn = (signature: string): OsSet => {
  const [, ttl, , mss, size = '', layout = ''] = signature.split(':');
  const [window = '', scale] = size.split(',');
  const most = `mss*${Math.floor(MAX_WINDOW / Number(mss))}`;
  const found = formsByLayout
    .get(layout.replace(fastOpen, ''))
    ?.find(
      (form) =>
        (form.ttl ?? Number(ttl)) === Number(ttl) &&
        (form.windows?.some((one) => window === (one === 'mss*most' ? most : one)) ?? true) &&
        (form.scales === undefined || (Number(scale) >= form.scales[0] && Number(scale) <= form.scales[1])),
    );
  return found === undefined ? anyOs : osSet(...found.systems);
};
