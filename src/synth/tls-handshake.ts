/** The messages that begin a planted TLS connection: ClientHello, and what a server answers when it resumes a session. */
import type { Random } from '../kit/random.ts';
import { ByteWriter } from './byte-writer.ts';

export interface ClientHello {
  /** Without it the hello names nobody. */
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  /** Adds the reserved values of RFC 8701 that a peer must ignore. */
  readonly grease?: boolean;
  /** Adds an encrypted_client_hello extension of so many bytes. */
  readonly echBytes?: number;
}

const Extension = { SERVER_NAME: 0, GROUPS: 10, ALPN: 16, VERSIONS: 43, ENCRYPTED_CLIENT_HELLO: 0xfe0d } as const;
const RecordType = { CHANGE_CIPHER_SPEC: 20, HANDSHAKE: 22 } as const;
const HandshakeType = { CLIENT_HELLO: 1, SERVER_HELLO: 2 } as const;
const TLS_1_2 = 0x0303;
const GREASE = 0x5a5a;
const CIPHER = 0xc02f;

const record = (writer: ByteWriter, type: number, content: (body: ByteWriter) => void): ByteWriter =>
  writer.uint8(type).uint16(TLS_1_2).sized(2, content);

const writeExtensions = (writer: ByteWriter, hello: ClientHello, random: Random): void => {
  const extension = (type: number, content: (body: ByteWriter) => void): ByteWriter =>
    writer.uint16(type).sized(2, content);
  if (hello.grease) extension(GREASE, () => {});
  const { serverName } = hello;
  if (serverName !== undefined) {
    extension(Extension.SERVER_NAME, (body) =>
      body.sized(2, (list) => list.uint8(0).sized(2, (name) => name.text(serverName))),
    );
  }
  extension(Extension.GROUPS, (body) => body.sized(2, (list) => list.uint16(23).uint16(24)));
  if (hello.alpn) {
    extension(Extension.ALPN, (body) =>
      body.sized(2, (list) => {
        for (const protocol of hello.alpn ?? []) list.sized(1, (name) => name.text(protocol));
      }),
    );
  }
  if (hello.grease)
    extension(Extension.VERSIONS, (body) => body.sized(1, (list) => list.uint16(GREASE).uint16(TLS_1_2)));
  if (hello.echBytes)
    extension(Extension.ENCRYPTED_CLIENT_HELLO, (body) => body.bytes(toOuterHello(hello.echBytes!, random)));
};

/** ECHClientHello of type outer: HKDF-SHA256, AES-128-GCM, a configuration id, a key and a payload (RFC 9849 5). */
const toOuterHello = (payloadBytes: number, random: Random): Uint8Array =>
  new ByteWriter()
    .uint8(0)
    .uint16(1)
    .uint16(1)
    .uint8(random.between(0, 255))
    .sized(2, (key) => key.bytes(random.bytes(32)))
    .sized(2, (payload) => payload.bytes(random.bytes(payloadBytes)))
    .finish();

/** A record with a ClientHello (RFC 5246 7.4.1.2). */
export const toClientHello = (hello: ClientHello, random: Random): Uint8Array =>
  record(new ByteWriter(), RecordType.HANDSHAKE, (body) =>
    body.uint8(HandshakeType.CLIENT_HELLO).sized(3, (message) => {
      message.uint16(TLS_1_2).bytes(random.bytes(32));
      message.sized(1, (session) => session.bytes(random.bytes(32)));
      message.sized(2, (suites) => {
        if (hello.grease) suites.uint16(GREASE);
        suites.uint16(CIPHER).uint16(0xc030).uint16(0x009c);
      });
      message.sized(1, (compression) => compression.uint8(0));
      message.sized(2, (extensions) => writeExtensions(extensions, hello, random));
    }),
  ).finish();

/** ServerHello, ChangeCipherSpec and the encrypted Finished of a resumed session (RFC 5246 7.3). */
export const toServerHello = (random: Random): Uint8Array => {
  const writer = record(new ByteWriter(), RecordType.HANDSHAKE, (body) =>
    body.uint8(HandshakeType.SERVER_HELLO).sized(3, (message) => {
      message.uint16(TLS_1_2).bytes(random.bytes(32));
      message.sized(1, (session) => session.bytes(random.bytes(32)));
      message.uint16(CIPHER).uint8(0);
    }),
  );
  return writer.bytes(toFinished(random)).finish();
};

/** ChangeCipherSpec and the encrypted Finished. */
export const toFinished = (random: Random): Uint8Array => {
  const writer = record(new ByteWriter(), RecordType.CHANGE_CIPHER_SPEC, (body) => body.uint8(1));
  return record(writer, RecordType.HANDSHAKE, (body) => body.bytes(random.bytes(40))).finish();
};
