/** What is held of a QUIC connection until its name and its round-trip times are known. */
import { InitialOpener } from './initial-opener.ts';
import { QuicHello } from './quic-hello.ts';

export class QuicHandshake {
  /** Is the end that began it the flow's client? The local nets may say that it is not. */
  readonly beganUp: boolean;
  readonly opener: InitialOpener;
  readonly hello: QuicHello;
  /** Nothing more is expected of the hello. */
  isRead = false;
  /** The first Initial packet; NaN before it. */
  beganAt = Number.NaN;
  /** It was sent again before an answer came. */
  isRepeated = false;
  /** The first answer; NaN before it. */
  answeredAt = Number.NaN;
  /** That was a Retry or a version negotiation: the end that began begins anew. */
  beginsAnew = false;
  /** The answer was answered, or will not be in a way that tells a time. */
  isTimed = false;
  datagrams = 0;
  /** Packets that could not be opened. */
  failures = 0;

  constructor(beganUp: boolean, opener = new InitialOpener(), hello = new QuicHello()) {
    this.beganUp = beganUp;
    this.opener = opener;
    this.hello = hello;
  }

  checkpoint() {
    const { opener, hello, ...rest } = this;
    return { ...rest, opener: opener.checkpoint(), hello: hello.checkpoint() };
  }

  static restored({ opener, hello, ...rest }: ReturnType<QuicHandshake['checkpoint']>): QuicHandshake {
    const handshake = new QuicHandshake(rest.beganUp, InitialOpener.restored(opener), QuicHello.restored(hello));
    return Object.assign(handshake, rest);
  }
}
