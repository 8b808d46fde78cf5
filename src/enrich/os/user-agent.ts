/** A User-Agent (RFC 9110 10.1.5) to the systems that it may come from, and the device that it names. */
import { anyOs, type OsName, type OsSet, osSet } from './os-set.ts';

export interface UserAgent {
  readonly systems: OsSet;
  /** Model as the agent names it; '' where it names none. */
  readonly device: string;
}

/** What tells a system stands in front. */
const MAX_CHARACTERS = 512;

/** Robots say that they are what they imitate. */
const robot = /\b\w*(?:bot|crawler|spider)\b/i;

interface Rule {
  readonly pattern: RegExp;
  readonly systems: OsSet;
  /** Finds the device; its groups are joined by a space. */
  readonly device?: RegExp;
}

const rule = (pattern: RegExp, names: OsName | readonly OsName[], device?: RegExp): Rule => ({
  pattern,
  systems: osSet(...(typeof names === 'string' ? [names] : names)),
  ...(device && { device }),
});

/** WhatsApp names system and device itself: `WhatsApp/2.11.16 iPhone_OS/8.1 Device/iPhone_6`. */
const ownWords = /^WhatsApp\/.* Device\/(\S+)/;

/**
 * The first rule that fits holds. Windows Phone named Android and iPhone besides itself, Android names Linux, and iOS
 * Mac OS X: who imitates stands before who is imitated. Where WhatsApp fetches a preview it writes `A` or `i`.
 */
const rules: readonly Rule[] = [
  rule(/Windows Phone|^WhatsApp\/\S+ WP/, 'Windows Phone', /Windows Phone[^)]*; ([^;)/:]+); ([^;)/:]+)\)/),
  rule(/KAIOS\//i, 'KaiOS', /Mobile; ([^;)]+); rv:/),
  rule(/BlackBerry|\bBB10\b|PlayBook/, 'BlackBerry', /(BlackBerry) ?(\d{4}\w?)/),
  rule(/Symbian|Series ?60/, 'Symbian', /Series ?60\/[\d.]+ (Nokia[^/; ]+)|(Nokia[^/; ]+)/),
  rule(/Series ?40|\bS40/, 'S40', /(Nokia[^/; ]+)/),
  // Android asks so whether it is behind a portal (NetworkMonitor of AOSP).
  rule(/X11; Linux x86_64\) .* Chrome\/60\.0\.3112\.32 /, 'Android'),
  // Apps of Facebook: `Android (19/4.4.2; 480dpi; 1080x1920; samsung; GT-I9505; ...`.
  rule(/Android \(\d+\//, 'Android', /Android \(\d+\/[^;]*; \d+dpi; \d+x\d+; ([^;/]+)(?:\/[^;]*)?; ([^;)]+)/),
  // `Android 4.4.2; en-us; Nexus 5 Build/KOT49H`; browsers that do not tell write `K`.
  rule(
    /Android|^WhatsApp\/\S+ A\b/,
    'Android',
    /Android [\d.]+; (?:[a-z]{2}[-_][A-Za-z]{2}; )?(?!K\)|Mobile\b|Tablet\b|wv\b|rv:)([^;)]+?)(?: Build\/[^;)]*|; wv)?[;)]/,
  ),
  rule(/iPhone|iPad|iPod|\biOS[ /]\d|^WhatsApp\/\S+ i\b/, 'iOS', /((?:iPhone|iPad|iPod)\d+,\d+|iPhone|iPad|iPod)/),
  rule(/Windows(?: NT| \d|;)|Win64|Microsoft-CryptoAPI|Microsoft NCSI|Microsoft BITS/, 'Windows'),
  // Safari of an iPad says since 2019 that it is that of a computer.
  rule(/Macintosh; Intel Mac OS X 10_15[\d_]*\) AppleWebKit\/\S+ \(KHTML, like Gecko\) Version\//, ['iOS', 'macOS']),
  rule(/Darwin\/.*\((?:x86_64|i386)\)|Macintosh|Mac OS X|apple-darwin|\(darwin/, 'macOS'),
  rule(/\bDarwin\/|CFNetwork\/|CaptiveNetworkSupport/, ['iOS', 'macOS']),
  rule(/FreeBSD/, 'FreeBSD'),
  rule(/OpenBSD/, 'OpenBSD'),
  rule(/Linux|\bCrOS\b|\(linux|-linux-/, 'Linux'),
];

/**
 * Text rules alone: an agent may lie, and one that names no system leaves all open.
 *
 * @example parseUserAgent('Dalvik/1.6.0 (Linux; U; Android 4.4.2; Nexus 5 Build/KOT49H)') // Android, 'Nexus 5'
 */
export const parseUserAgent = (text: string): UserAgent => {
  const agent = text.slice(0, MAX_CHARACTERS);
  const found = robot.test(agent) ? undefined : rules.find(({ pattern }) => pattern.test(agent));
  if (found === undefined) return { systems: anyOs, device: '' };
  const named = ownWords.exec(agent) ?? found.device?.exec(agent);
  const words = named?.slice(1).filter((word) => word !== undefined) ?? [];
  return { systems: found.systems, device: words.join(' ').replaceAll('_', ' ').trim() };
};
