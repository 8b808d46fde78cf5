/** File names by pattern: `*`, `?`, `**` and `{a,b}`, for shells that do not expand them and for quoted patterns. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Does the path contain anything that `glob` expands? */
export const isGlob = (path: string): boolean => /[*?{]/.test(path);

/**
 * The regular expression of a pattern. As in a shell, a wildcard does not match a dot at the start of a name, and only
 * `**` crosses slashes.
 *
 * @example
 * globToRegExp('day-*.{pcap,pcap.gz}').test('day-1.pcap.gz') // true
 */
export const globToRegExp = (pattern: string): RegExp => {
  let source = '';
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    const visible = i === 0 || pattern[i - 1] === '/' ? '(?!\\.)' : '';
    if (pattern.startsWith('**/', i) && (i === 0 || pattern[i - 1] === '/')) {
      source += '(?:(?!\\.)[^/]+/)*';
      i += 2;
    } else if (pattern.startsWith('**', i) && i + 2 === pattern.length && visible !== '') {
      source += '(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+';
      i += 1;
    } else if (character === '*') source += `${visible}[^/]*`;
    else if (character === '?') source += `${visible}[^/]`;
    else if (character === '{' && pattern.indexOf('}', i) > i) {
      source += '(?:';
      depth++;
    } else if (character === '}' && depth > 0) {
      source += ')';
      depth--;
    } else if (character === ',' && depth > 0) source += '|';
    else source += character.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  }
  return new RegExp(`^${source}${')'.repeat(depth)}$`);
};

/** Paths that match, sorted; folders that cannot be read match nothing. Symbolic links to folders are not followed. */
export const glob = async (pattern: string): Promise<string[]> => {
  const segments = pattern.split('/');
  const literal = segments.findIndex(isGlob);
  const root = segments.slice(0, literal).join('/') || (pattern.startsWith('/') ? '/' : '');
  const rest = segments.slice(literal).join('/');
  const matcher = globToRegExp(rest);
  // An alternative may hold slashes of its own, and only `**` reaches any depth.
  const maxDepth = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.split('/').length;
  const matches: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(join(root, relative) || '.', { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (matcher.test(path)) matches.push(join(root, path));
      if (entry.isDirectory() && depth < maxDepth) await visit(path, depth + 1);
    }
  };
  await visit('', 1);
  return matches.sort();
};
