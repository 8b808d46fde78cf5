/** The table of flows: one row a connection, with what was seen of it and what it was called. */
import { count, flag, id, origin, real, type Table, text, texts, time } from './column.ts';

const columns = {
  ...origin,
  flow_id: id(
    '16 hex characters: 8 of `started_at` in seconds, 8 of a keyed hash of vantage, tunnel, 5-tuple, `started_at` and a counter for equal starts. The same packets give the same ids under the same key; two flows may collide.',
  ),
  source_uid: text('Id of the flow in the source that reported it (Zeek uid).'),
  community_id: text('Community id, to pivot to other tools; empty unless addresses are kept, for it betrays them.'),
  started_at: time('First packet.'),
  ended_at: time('Last packet.'),
  client: text('Pseudonym of the subscriber: of the mobile session where one is known, else of the client address.'),
  client_ip: text(
    'Address of the client: the end that opened the flow (SYN sender, else receiver of the first SYN/ACK, else the only end in the local nets, else the sender of the first packet unless its port is under 1024 and the other is not). A pseudonym unless addresses are kept.',
  ),
  client_port: count('Transport port of the client; NULL where the protocol has no ports.'),
  server_ip: text('Address of the server; a pseudonym if it lies in the local nets and addresses are not kept.'),
  server_port: count('Transport port of the server; NULL where the protocol has no ports.'),
  server_net: text('The /24 (IPv4) or /48 (IPv6) of `server_ip`.'),
  protocol: text("'tcp', 'udp', else the IANA name of the IP protocol, or its number."),
  up_packets: count('Packets from client to server.'),
  down_packets: count('Packets from server to client.'),
  up_bytes: count('IP-layer bytes (header included) of the innermost packets from client to server.'),
  down_bytes: count('IP-layer bytes (header included) of the innermost packets from server to client.'),
  up_payload: count('Transport payload from client to server, each byte once.'),
  down_payload: count('Transport payload from server to client, each byte once.'),
  up_retransmits: count(
    'TCP segments from the client that carry bytes already seen, or fill a gap later than one round trip of the handshake (3 ms if that is unknown) after it showed.',
  ),
  down_retransmits: count('The same of segments from the server.'),
  up_reordered: count('TCP segments from the client that fill a gap within that time: overtaken on their way.'),
  down_reordered: count('The same of segments from the server.'),
  up_zero_windows: count('TCP segments in which the client advertises no window.'),
  down_zero_windows: count('TCP segments in which the server advertises no window.'),
  up_keepalives: count('TCP keep-alive segments from the client.'),
  down_keepalives: count('TCP keep-alive segments from the server.'),
  up_syns: count('SYN segments from the client.'),
  down_syns: count('SYN/ACK segments from the server.'),
  up_fins: count('FIN segments from the client.'),
  down_fins: count('FIN segments from the server.'),
  up_rsts: count('RST segments from the client.'),
  down_rsts: count('RST segments from the server.'),
  transfer_us: count(
    'Microseconds from the first payload byte to the last one before a silence over 5 s that only TLS alerts, keep-alives, FIN or RST follow. NULL without payload, or if the first came 71 minutes or more after the start.',
  ),
  up_transfer_us: count('`transfer_us` of the direction client to server.'),
  down_transfer_us: count('`transfer_us` of the direction server to client.'),
  max_idle_us: count('Longest silence inside the flow, microseconds.'),
  closing_idle_us: count(
    'Microseconds from the last payload that counts for `transfer_us` to the first FIN or RST: the time-out of an idle connection shows here.',
  ),
  server_rtt_us: count(
    'Microseconds between vantage and server, there and back: from SYN to SYN/ACK, NULL if the SYN was retransmitted; in QUIC from the first Initial packet to the first answer, NULL if the client sent its Initial packet again before that.',
  ),
  server_rtt_min_us: count(
    'Least RTT between vantage and server over handshake, data/ACK pairs and turns of the QUIC spin bit, microseconds.',
  ),
  server_rtt_avg_us: count('Mean RTT between vantage and server over the same samples, microseconds.'),
  server_rtt_samples: count('RTT samples between vantage and server.'),
  client_rtt_us: count(
    "Microseconds between vantage and client, there and back: from SYN/ACK to its ACK; in QUIC from the server's first datagram to the client's first one that shows that it arrived (a Handshake packet, an acknowledgement, or the new start after Retry and version negotiation), NULL if the client sent its first Initial packet again in between.",
  ),
  client_rtt_min_us: count(
    'Least RTT between vantage and client over handshake, data/ACK pairs and turns of the QUIC spin bit, microseconds.',
  ),
  client_rtt_avg_us: count('Mean RTT between vantage and client over the same samples, microseconds.'),
  client_rtt_samples: count('RTT samples between vantage and client.'),
  rtt_source: text("How the RTT is known: 'syn', 'data', 'quic', or the importer's word."),
  conn_state: text(
    "Zeek's word for how the connection went: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR, OTH.",
  ),
  end_reason: text("Why the ticket was written: 'fin', 'rst', 'idle', 'active', 'evicted', 'eof'."),
  tls_sni: text(
    "Server name of the ClientHello of TLS or QUIC, or of Google's CHLO, lower case. A QUIC connection keeps it when the address or port of its client changes, if the flow before still lived.",
  ),
  alpn: texts('Application protocols that the ClientHello offers.'),
  ech_offered: flag('The ClientHello carries an encrypted_client_hello extension (GREASE included).'),
  sni_is_outer: flag('The server name is the public name of an encrypted ClientHello, not the name asked for.'),
  quic_version: text(
    "QUIC version of the first packet with a long header: '1', '2', 'draft-29', 'mvfst-27' (Facebook's, with its draft), 'T051' (Google's with TLS), 'Q046' (Google's with its own handshake).",
  ),
  http_host: text('Host of the first HTTP/1 request, lower case, without port.'),
  dns_name: text(
    'Question name of the latest DNS answer to this client that held this server, before the first packet.',
  ),
  dns_answered_at: time('When that answer passed.'),
  dns_ttl_s: count('Time to live of that answer, seconds: the least of its alias chain.'),
  dns_candidates: texts(
    'All distinct names that answered this server to this client before, newest first, the winner included.',
  ),
  fqdn: text(
    'The name to use: TLS or QUIC server name (not an outer one), else HTTP Host, else `dns_name` under the default policy.',
  ),
  fqdn_source: text("Where `fqdn` comes from: 'sni', 'http', 'dns' or ''."),
  dns_evidence: text(
    "How `dns_name` stands: 'valid' (younger than its TTL), 'expired' (older than that), 'network' (another client's answer) or ''.",
  ),
  service: text('Service that owns the flow, by the rules; empty if none does.'),
  class: text(
    'Class within the service: chat, control, image, audio, video, media, voice, web, other, or a word of the rule.',
  ),
  service_source: text("How the service is known: 'name', 'ip-set', 'payload', 'port' or ''."),
  rule: text('Rule that decided: file:line.'),
  rules_version: text('Fingerprint of the rule files that labelled the row.'),
  server_asn: count('Autonomous system that announced the server address at the time of the flow.'),
  server_org: text('Organisation of that autonomous system.'),
  server_prefix: text('Address block of the database entry that holds the server address.'),
  server_country: text('Country of registration of the server address, ISO 3166 alpha-2.'),
  os: text(
    "Operating system of the client: Android, iOS, macOS, Windows, Windows Phone, Linux, BlackBerry, Symbian, S40, KaiOS, FreeBSD, OpenBSD; 'iOS or macOS' and the like where the evidence leaves two open. 'unknown' if what was observed says nothing, or tells of several systems behind the client; '' if nothing was observed. From the flow itself, else from other flows of the same client until this one was closed.",
  ),
  os_source: text(
    "The strongest evidence for `os`: 'tac' (handset of the mobile session), 'user-agent', 'syn'; '' where several systems contradict each other or nothing was observed.",
  ),
  device: text('Device model of the client: brand and model of the handset table, else as User-Agents name it.'),
  syn_signature: text(
    "Fingerprint of the flow's first SYN in the notation of p0f 3: version:ittl:olen:mss:wsize,scale:olayout:quirks:pclass.",
  ),
  ip_ttl: count('Time to live (hop limit) of the first packet from the client.'),
  tunnel: text(
    "Encapsulations around the flow, outermost first, separated by spaces: 'gtp', 'gre', 'pptp', 'erspan', 'vxlan', 'geneve', 'teredo', 'capwap', '4in4', '4in6', '6in4', '6in6'.",
  ),
  vlan: count('VLAN id of the first packet; the innermost tag.'),
  up_teid: count('GTP tunnel endpoint id of the direction client to server.'),
  down_teid: count('GTP tunnel endpoint id of the direction server to client.'),
  gtp_peer: text('Address of the GTP node on the client side.'),
  rat: text('Radio access technology.'),
  cell: text('Cell identity.'),
  apn: text('Access point name.'),
  plmn: text('Mobile network code.'),
  subscriber_source: text("How the subscriber is known: 'gtp', 'radius', 'csv', 'address'."),
  sampling: count("The exporter's sampling rate: one packet in this many was seen."),
  snaplen_cut: flag('Some payload is missing: cut by the snapshot length of the capture, or lost with IP fragments.'),
  service_confidence: real(
    "How probable the service is that the server's address told ('ip-set'), 0 to 1 in steps of 0.01; NULL for other sources, of which no estimate is made.",
  ),
};

export const flows: Table<typeof columns> = {
  name: 'flows',
  doc: 'One row a flow: a connection, or packets of one 5-tuple without a longer silence than the idle time-out.',
  columns,
};
