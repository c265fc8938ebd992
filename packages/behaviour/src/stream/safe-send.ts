import type { Stream } from "@libp2p/interface";
import type { Uint8ArrayList } from "uint8arraylist";

/** Bytes that may wait in a stream's write buffer before a sender waits: one chunk. */
export const writeHighWaterBytes: number = 1024 * 1024;

/**
 * Sends with back-pressure: resolves when more may be sent. `stream.onDrain()` resolves at once after its first use, so
 * this waits for the event itself.
 * @param stream - open for writing
 * @param bytes - must not be changed until sent
 * @param signal - gives up waiting; the bytes may still be sent
 */
export async function safeSend(
  stream: Stream,
  bytes: Uint8Array | Uint8ArrayList,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  stream.send(bytes);
  while (stream.writeBufferLength > writeHighWaterBytes) await drained(stream, signal);
}

function drained(stream: Stream, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const detach = (): void => {
      stream.removeEventListener("drain", onDrain);
      stream.removeEventListener("close", onClose);
      signal?.removeEventListener("abort", onAbort);
    };
    const onDrain = (): void => {
      detach();
      // The stream goes on sending in a microtask of its own; look at its buffer after that.
      setImmediate(resolve);
    };
    const onClose = (event: { readonly error?: Error }): void => {
      detach();
      reject(event.error ?? new Error("the stream was closed"));
    };
    const onAbort = (): void => {
      detach();
      reject(signal?.reason as Error);
    };
    if (stream.status !== "open") {
      reject(new Error("the stream was closed"));
      return;
    }
    stream.addEventListener("drain", onDrain);
    stream.addEventListener("close", onClose);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
