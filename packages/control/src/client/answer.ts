import { type ErrorJson, fromErrorJson, GgenError, type Progress } from "@ggen/p2p-types";

import { maxLineBytes } from "../limits.ts";
import { readLines } from "./lines.ts";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isErrorJson = (value: unknown): value is ErrorJson & Record<string, unknown> =>
  isObject(value) &&
  typeof value["code"] === "string" &&
  typeof value["message"] === "string" &&
  typeof value["hint"] === "string";

const isProgress = (value: unknown): value is Progress & Record<string, unknown> =>
  isObject(value) && typeof value["step"] === "string" && typeof value["subject"] === "string";

/**
 * Reads the answer of a call: progress lines, then one result or error.
 * @param source - the body of the response
 * @param onProgress - called in the order of the lines
 * @returns the result; `null` where the method gives nothing
 * @throws GgenError the one that the node answered with
 * @throws GgenError `control.unreachable` when the answer is cut off or is none
 */
export async function readAnswer(
  source: AsyncIterable<Uint8Array>,
  onProgress: (progress: Progress) => void,
): Promise<unknown> {
  for await (const line of readLines(source, maxLineBytes)) {
    const message = parseLine(line);
    if (isErrorJson(message["error"])) throw fromErrorJson(message["error"]);
    if (Object.hasOwn(message, "result")) return message["result"];
    if (isProgress(message["progress"])) onProgress(message["progress"]);
    else throw malformed(line);
  }
  throw new GgenError("control.unreachable", "The node ended before it answered", {
    hint: "Read its log: ggen marketplace p2p logs",
  });
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const message = JSON.parse(line) as unknown;
    if (isObject(message)) return message;
  } catch {
    // Falls through: the line is shown in the error.
  }
  throw malformed(line);
}

function malformed(line: string): GgenError {
  return new GgenError("control.unreachable", "What listens on the control socket does not speak its protocol", {
    expected: "a line with progress, result or error",
    got: line.slice(0, 80),
  });
}
