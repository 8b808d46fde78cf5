/** The distinct autonomous systems of a database, with the names of their organisations. */

/** Gives each pair of number and organisation an index from 1; index 0 is no system. */
export class SystemList {
  readonly #indexes = new Map<string, number>();
  readonly #asns: number[] = [0];
  readonly #orgs: string[] = [''];

  /** The index of a system, assigned at its first use. */
  index(asn: number, org: string): number {
    const key = `${asn} ${org}`;
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.#asns.length;
      this.#indexes.set(key, index);
      this.#asns.push(asn);
      this.#orgs.push(org);
    }
    return index;
  }

  build(): { readonly asns: Uint32Array; readonly orgEnds: Uint32Array; readonly orgText: Uint8Array } {
    const orgEnds = new Uint32Array(this.#orgs.length);
    let end = 0;
    for (const [i, org] of this.#orgs.entries()) {
      end += Buffer.byteLength(org);
      orgEnds[i] = end;
    }
    return { asns: Uint32Array.from(this.#asns), orgEnds, orgText: Buffer.from(this.#orgs.join('')) };
  }
}
