/** Words that tell what a name, or an action of a person, is about: general ones, of no service in particular. */

const words: Readonly<Record<string, string>> = {
  chat: 'chat chats im message messages messaging messenger msg text type xmpp mqtt talk',
  image: 'image images img imgs photo photos pic pics picture pictures thumb thumbs thumbnail avatar avatars sticker',
  audio: 'audio sound sounds music song songs podcast podcasts radio ptt',
  video: 'video videos vid vod stream streams streaming hls dash movie movies tv',
  voice: 'voice call calls voip sip stun turn rtc webrtc',
  media: 'media cdn static asset assets content file files upload uploads document documents edge cache',
  download: 'download downloads dl update updates install',
  control:
    'api graph auth login logout account accounts register registration config settings ntp stat stats log logs metrics telemetry analytics crash events control gateway start open app',
  push: 'push notify notification notifications',
  mail: 'mail smtp imap pop webmail',
  maps: 'map maps tile tiles',
  ads: 'ad ads adserver',
  web: 'www web m site html page pages blog help',
};

const classes: ReadonlyMap<string, string> = new Map(
  Object.entries(words).flatMap(([name, text]) => text.split(' ').map((word) => [word, name] as const)),
);

/** The class of a word in lower case; undefined for all words that tell none. */
export const classOfWord = (word: string): string | undefined => classes.get(word);
