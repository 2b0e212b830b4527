import type { Packet } from 'moleculer';

export type AnyPacket = Packet.Packet<Packet.PacketPayload>;

type Fields = Readonly<Record<string, unknown>>;
const fields = (packet: AnyPacket) => packet.payload as unknown as Fields;

/** The id of the context that a REQ or RES belongs to. */
export const idOf = (packet: AnyPacket): string => String(fields(packet).id);

/** A whole request, or the packet that opens a streamed one: undelivered, it means that nothing has run. */
export const isFirstOfRequest = (packet: AnyPacket): boolean => packet.type === 'REQ' && !fields(packet).seq;

export const isStream = (packet: AnyPacket): boolean => fields(packet).stream === true;

/** For messages to people. */
export function describePacket(packet: AnyPacket | undefined): string {
  if (!packet) return 'A packet';
  const { action, event } = fields(packet);
  const target = packet.target ? ` to node '${packet.target}'` : '';
  if (packet.type === 'REQ') return `The request '${action}'${target}`;
  if (packet.type === 'RES') return `The response${target}`;
  if (packet.type === 'EVENT') return `The event '${event}'${target}`;
  return `The ${packet.type} packet${target}`;
}

/** One packet for each group of a balanced event (base.js:346); none when `packet` is anything else. */
export function groupPackets(packet: AnyPacket): Array<{ readonly copy: never; readonly group: string }> {
  const { groups } = fields(packet) as { groups?: readonly string[] };
  if (packet.type !== 'EVENT' || packet.target != null || !groups) return [];
  return groups.map((group) => ({
    group,
    copy: withPayload(packet, { ...fields(packet), groups: [group] }) as never,
  }));
}

/** The answer that replaces a response which cannot be sent. `error` is in the form in which errors travel. */
export function errorResponse(packet: AnyPacket, error: unknown): AnyPacket {
  const { id, seq } = fields(packet);
  const stream = seq === undefined ? {} : { stream: false, seq };
  return withPayload(packet, { id, meta: {}, success: false, data: null, error, ...stream });
}

function withPayload(packet: AnyPacket, payload: Fields): AnyPacket {
  return { ...packet, payload: payload as unknown as Packet.PacketPayload };
}
