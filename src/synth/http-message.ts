/** HTTP/1.1 messages of planted captures (RFC 9112). */

/** A GET request. */
export const toHttpRequest = (host: string, path: string, userAgent: string): Uint8Array =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\nAccept: */*\r\n\r\n`, 'latin1');

/** The head of a response that says how many bytes of content follow. */
export const toHttpResponse = (contentType: string, contentLength: number): Uint8Array =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nContent-Length: ${contentLength}\r\n\r\n`, 'latin1');
