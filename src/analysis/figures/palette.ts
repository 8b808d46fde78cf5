/** Colours, dashes and hatchings that colour-blind people tell apart (Okabe and Ito 2008), each colour with a pattern of its own. */

/**
 * A page may set `--series-0` ... to fit its theme; on its own a figure has the published colours, which stand on
 * white. The yellow of the set comes last: it does not stand out on white.
 */
const okabeIto = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f', '#f0e442'];

export const seriesColour = (i: number): string => `var(--series-${i}, ${okabeIto[i % okabeIto.length]})`;

const dashes = ['none', '7 3', '2 2', '9 3 2 3', '12 4', '4 2 1 2 1 2', '1 3', '6 6'];

/** For `stroke-dasharray`. */
export const seriesDash = (i: number): string => dashes[i % dashes.length]!;
