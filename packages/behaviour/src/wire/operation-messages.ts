import { fromHex, fromPublisherId, maxEnvelopeBytes, toHex, toPublisherId } from "@ggen/p2p-types";

import { checkBytes, decodeMessage, encodeMessage, invalidMessage } from "./dag-cbor.ts";

/** Largest frame of `/ggen/ops/1` in bytes, either way. */
export const maxOperationFrameBytes: number = 1024 * 1024;
/** Most ids of one `get`, envelopes of one `put`, and operations of one listing. */
export const maxOperationsPerRequest = 512;
/** Farthest place in a listing that can be asked for: more operations than are kept of anybody. */
export const maxListingOffset = 200_000;

/** Which operations are asked for by what they belong to. */
export type OperationSelector = { readonly publisher: string } | { readonly package: string };

/** A request of `/ggen/ops/1`. */
export type OperationRequest =
  | { readonly get: readonly string[] }
  | {
      readonly selector: OperationSelector;
      readonly limit: number;
      /** Operations that are left out at the beginning of the listing; none when absent. */
      readonly offset?: number;
    }
  | { readonly put: readonly Uint8Array[] };

/** What the peer did with a `put`, counted. */
export interface PutAnswer {
  readonly accepted: number;
  readonly known: number;
  readonly deferred: number;
  readonly rejected: number;
}

/** A frame of the answer to `get` or a selector. */
export type OperationAnswer =
  | { readonly envelopes: readonly Uint8Array[] }
  /** The last frame; `more` says that the limit cut the listing. */
  | { readonly end: true; readonly more: boolean };

/** Encodes a request. */
export function encodeOperationRequest(request: OperationRequest): Uint8Array {
  if ("get" in request) return encodeMessage({ get: request.get.map(fromHex) });
  if ("put" in request) return encodeMessage({ put: request.put });
  const { selector, limit } = request;
  // The beginning is not said: nodes that know no offset answer that, too.
  const offset = request.offset === 0 ? undefined : request.offset;
  return "publisher" in selector
    ? encodeMessage({ publisher: fromHex(fromPublisherId(selector.publisher)), limit, offset })
    : encodeMessage({ package: selector.package, limit, offset });
}

/** Decodes a request. @throws GgenError `network.protocol` */
export function decodeOperationRequest(bytes: Uint8Array): OperationRequest {
  const fields = decodeMessage(bytes);
  let request: OperationRequest;
  if (fields.has("get")) {
    request = { get: fields.list("get", maxOperationsPerRequest, (id, name) => toHex(checkBytes(id, name, 32, 32))) };
  } else if (fields.has("put")) {
    request = { put: fields.list("put", maxOperationsPerRequest, checkEnvelope) };
  } else {
    const selector = fields.has("publisher")
      ? { publisher: toPublisherId(toHex(fields.bytes("publisher", 32, 32))) }
      : { package: fields.text("package", 100) };
    const limit = fields.integer("limit", 1, maxOperationsPerRequest);
    request = fields.has("offset")
      ? { selector, limit, offset: fields.integer("offset", 1, maxListingOffset) }
      : { selector, limit };
  }
  fields.end();
  return request;
}

function checkEnvelope(value: unknown, name: string): Uint8Array {
  return checkBytes(value, name, 1, maxEnvelopeBytes);
}

/** Encodes a frame of an answer. */
export function encodeOperationAnswer(answer: OperationAnswer): Uint8Array {
  return encodeMessage({ ...answer });
}

/** Decodes a frame of an answer. @throws GgenError `network.protocol` */
export function decodeOperationAnswer(bytes: Uint8Array): OperationAnswer {
  const fields = decodeMessage(bytes);
  if (fields.has("envelopes")) {
    const envelopes = fields.list("envelopes", maxOperationsPerRequest, checkEnvelope);
    fields.end();
    return { envelopes };
  }
  if (!fields.boolean("end")) throw invalidMessage("end", "true");
  const more = fields.boolean("more");
  fields.end();
  return { end: true, more };
}

/** Encodes the answer to a `put`. */
export function encodePutAnswer(answer: PutAnswer): Uint8Array {
  return encodeMessage({ ...answer });
}

/** Decodes the answer to a `put`. @throws GgenError `network.protocol` */
export function decodePutAnswer(bytes: Uint8Array): PutAnswer {
  const fields = decodeMessage(bytes);
  const count = (name: string): number => fields.integer(name, 0, maxOperationsPerRequest);
  const answer = {
    accepted: count("accepted"),
    known: count("known"),
    deferred: count("deferred"),
    rejected: count("rejected"),
  };
  fields.end();
  return answer;
}

/** Cuts envelopes into lists that each fit a frame. @yields lists, none empty */
export function* packEnvelopes(envelopes: Iterable<Uint8Array>): Generator<Uint8Array[]> {
  // Each envelope costs at most 5 bytes of CBOR beside itself, the frame at most 32.
  const room = maxOperationFrameBytes - 32;
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for (const envelope of envelopes) {
    const cost = envelope.byteLength + 5;
    if (batch.length > 0 && (bytes + cost > room || batch.length === maxOperationsPerRequest)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(envelope);
    bytes += cost;
  }
  if (batch.length > 0) yield batch;
}
