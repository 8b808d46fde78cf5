/** Text in lines that fit a terminal. */

/** Words in lines of at most `width` characters, `indent` included; a longer word stands alone. */
export const wrap = (text: string, width: number, indent: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
};

/** A line that opens with spaces, or with spaces and a label: what follows is wrapped and hangs under itself. */
export const hang = (line: string, width: number): string => {
  const lead = /^ {3,}|^ {2}\S+ +|^/.exec(line)![0];
  const wrapped = wrap(line.slice(lead.length), width, ' '.repeat(lead.length));
  return lead + wrapped.slice(lead.length);
};
