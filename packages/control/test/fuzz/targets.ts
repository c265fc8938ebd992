/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

import { GgenError, isGgenError, systemClock } from "@ggen/p2p-types";

import { readAnswer } from "../../src/client/answer.ts";
import { controlLimits } from "../../src/limits.ts";
import { methods } from "../../src/methods.ts";
import { readBody } from "../../src/server/body.ts";
import { checkParams } from "../../src/shape.ts";

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A request whose body these bytes are, in two pieces. */
function requestOf(body: Uint8Array): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  const half = Math.floor(body.byteLength / 2);
  request.push(Buffer.from(body.subarray(0, half)));
  request.push(Buffer.from(body.subarray(half)));
  request.push(null);
  return request;
}

async function* inLines(input: Uint8Array): AsyncGenerator<Uint8Array> {
  const step = 1 + (input.byteLength % 100);
  for (let at = 0; at < input.byteLength; at += step) yield input.subarray(at, at + step);
}

const bodies = [
  { text: "rust", keywords: ["a"], limit: 10, sort: "name", minReputation: 0.5 },
  { ref: "io.example.a" },
  { target: "/tmp/a", force: true },
  { publisher: "ggen1", recoveryWords: ["a b c"], keys: ["00"], threshold: 1 },
  { addresses: ["/ip4/1.2.3.4/tcp/1"], timeoutMs: 1000 },
].map((body) => JSON.stringify(body));

export const targets = {
  "control body": {
    kind: "text",
    seeds: bodies,
    words: ['"text":', '"limit":', '"ref":', "true", "null", "1e400", "[[", '{"a":', '"__proto__":', '"constructor":'],
    async run(input: Uint8Array) {
      const value = await readBody(requestOf(input), controlLimits, systemClock);
      const taken: string[] = [];
      let refusal: unknown = new GgenError("usage.invalid", "No method takes this");
      for (const [name, shape] of methods) {
        try {
          const params = checkParams(name, shape, value);
          check(
            Object.keys(params ?? {}).every((key) => Object.hasOwn(shape ?? {}, key)),
            "a parameter of no method",
          );
          check(params === undefined || Object.getPrototypeOf(params) === Object.prototype, "another prototype");
          taken.push(name);
        } catch (error) {
          refusal = error;
        }
      }
      if (taken.length === 0) throw refusal;
      return taken.join(" ");
    },
  },
  "control answer": {
    kind: "text",
    seeds: [
      '{"progress":{"step":"fetch","subject":"a","done":1,"total":2}}\n{"result":{"a":1}}\n',
      '{"error":{"code":"package.not-found","message":"m","hint":"h"}}\n',
      '{"result":null}',
    ],
    words: [
      '{"result":',
      '{"error":',
      '{"progress":',
      '"code":"',
      '"message":"',
      '"hint":"',
      "\n",
      "toString",
      "__proto__",
    ],
    async run(input: Uint8Array) {
      let progress = 0;
      try {
        await readAnswer(inLines(input), () => void progress++);
      } catch (error) {
        // An error that the node itself answered with, and whose code is not known here.
        if (!isGgenError(error, "internal")) throw error;
        return "an error";
      }
      return Math.min(progress, 5).toString();
    },
  },
};
