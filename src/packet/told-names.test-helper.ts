/** What decoders tell, with names as text. */
import { Interner } from '../kit/interner.ts';
import { decodeHttpRequest } from './http-request.ts';
import { decodeHttpResponse } from './http-response.ts';
import { decodeClientHello } from './tls-client-hello.ts';
import { type ClientHelloResult, decodeClientHelloMessage } from './tls-handshake.ts';

type Options = { readonly final?: boolean };

const interner = new Interner();

const toldHello = (result: ClientHelloResult) =>
  result.kind === 'hello'
    ? { ...result, sni: interner.text(result.sni), alpn: interner.text(result.alpn).split(' ').filter(Boolean) }
    : result;

export const toldClientHello = (bytes: Uint8Array, start: number, end: number, options?: Options) =>
  toldHello(decodeClientHello(bytes, start, end, interner, options));

export const toldClientHelloMessage = (bytes: Uint8Array, start: number, end: number, options?: Options) =>
  toldHello(decodeClientHelloMessage(bytes, start, end, interner, options));

export const toldHttpRequest = (bytes: Uint8Array, start: number, end: number, options?: Options) => {
  const result = decodeHttpRequest(bytes, start, end, interner, options);
  if (result.kind !== 'request') return result;
  const { textBytes: _, ...told } = result;
  const { host, path, userAgent } = result;
  return { ...told, host: interner.text(host), path: interner.text(path), userAgent: interner.text(userAgent) };
};

export const toldHttpResponse = (bytes: Uint8Array, start: number, end: number, options?: Options) => {
  const result = decodeHttpResponse(bytes, start, end, interner, options);
  return result.kind === 'response' ? { ...result, contentType: interner.text(result.contentType) } : result;
};
