import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";

/** An answer as it came, for tests that do not trust the client. */
export interface RawAnswer {
  readonly status: number;
  readonly lines: readonly Record<string, unknown>[];
}

/** Sends one HTTP request over the socket. */
export function post(path: string, target: string, body: string | Uint8Array, method = "POST"): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, path: target, method, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("error", reject);
      response.on("end", () => {
        const lines = text.split("\n").filter((line) => line !== "");
        resolve({
          status: response.statusCode ?? 0,
          lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Writes bytes and gives back everything until the server ends the connection. */
export async function exchange(path: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(path);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (piece: string) => {
    text += piece;
  });
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return text;
}
