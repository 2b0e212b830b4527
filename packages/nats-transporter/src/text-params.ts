/**
 * Params that are JSON text already: a gateway writes its requests as text, and what it would hand over as objects would be
 * written once more. A caller says so with the call option `textParams`; on the wire nothing is different.
 */
export interface TextParamsOptions {
  readonly textParams?: {
    /** The very object that the call is made with, for whoever reads it on the way. Must not be changed. */
    readonly params: unknown;
    /** The same as JSON. Used where the params are still that object when the request is sent as JSON over NATS. */
    readonly text: string;
  };
}

type Payload = Record<string, unknown>;

/** The params' text, unless a middleware has put others in their place. */
export function textOfParams(
  { params }: Readonly<Payload>,
  { textParams }: TextParamsOptions,
): string | undefined {
  return textParams !== undefined && textParams.params === params ? textParams.text : undefined;
}

/** A REQ packet as Moleculer's JSON serializer writes it, but for the order of its fields. */
export function writeRequest(payload: Payload, params: string): string {
  const { params: given } = payload;
  payload.params = undefined;
  const rest = JSON.stringify(payload);
  payload.params = given;
  return `${rest.slice(0, -1)},"params":${params}}`;
}
