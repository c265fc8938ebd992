import type { AnswerParser } from "../wire/answer-parser.ts";

/** The asker's end of a way to a peer's chunks: a libp2p stream, or a direct connection. */
export interface ChunkWire {
  /** Sends a request. Requests are small and few: there is no back-pressure. */
  send(frame: Uint8Array): void;
  /** Stops reading for a while. */
  pause(): void;
  resume(): void;
  /** Ends it once everything was sent. */
  close(): void;
  /** Ends it at once. */
  abort(reason: Error): void;
}

/** What comes back over a {@link ChunkWire}. */
export interface ChunkWireEvents {
  /** Takes the bytes of the answers. What it throws ends the wire. */
  readonly parser: AnswerParser;
  /** The wire is over. @param error - absent when it ended in order */
  onEnd(error: Error | undefined): void;
}
