import type { Socket } from "node:net";

import type { ErrorBody } from "./gateway-error.ts";

const answers: Readonly<Record<string, readonly [status: string, message: string, hint: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "The request's headers are too large.",
    "Send fewer or shorter headers.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not arrive in time.", "Send it at once."],
};

const malformed = ["400 Bad Request", "The request is not HTTP/1.1.", "Send a well-formed request."] as const;

/**
 * Answers what never became a request (malformed, too large, too slow) in the form of every other error, and hangs up.
 * @param error - why Node gave up on it
 * @param socket - its connection
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message, hint] = answers[error.code ?? ""] ?? malformed;
  const body = JSON.stringify({ error: { code: "usage.invalid", message, hint } } satisfies ErrorBody);
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      "x-content-type-options: nosniff",
      "connection: close",
      "",
      body,
    ].join("\r\n"),
    // A client that goes on sending would otherwise keep the half-closed connection.
    () => socket.destroy(),
  );
}
