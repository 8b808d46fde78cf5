/** How wide text will be: figures are laid out where no font can be measured. */

const EAST_ASIAN = 0x1100;

/** An upper estimate in pixels at 12 px of a usual sans-serif face. */
export const textWidth = (text: string): number => {
  let width = 0;
  for (const character of text) width += character.codePointAt(0)! >= EAST_ASIAN ? 13 : 7;
  return width;
};

/** The text, cut with an ellipsis to at most `most` characters. */
export const clipText = (text: string, most: number): string => {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};
