/** Hostile bytes for what the gateway reads of a request; `pnpm soak fuzz` runs them. */
import { connect } from "node:net";
import { isDeepStrictEqual } from "node:util";

import { maxCursorLength, parametersOf, parseListQuery } from "../../src/catalog/list-query.ts";
import { parsePackagePath } from "../../src/catalog/resolve.ts";
import { type RunningGateway, startGateway } from "../../src/listen.ts";
import { parseRange } from "../../src/http/byte-range.ts";
import { allowsRange, matchesNone } from "../../src/http/etag.ts";
import { preferredCoding, prefersHtml } from "../../src/http/negotiation.ts";
import { MemoryBackend } from "../backend/memory-backend.ts";

const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Sends raw bytes to a gateway and reads until it closes the connection. */
function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(request, "latin1"));
    const pieces: Buffer[] = [];
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", (error) => (pieces.length > 0 ? undefined : reject(error)));
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });
}

let gateway: Promise<RunningGateway> | undefined;
/** Looks like a cursor; whether it is one, the node says. */
const cursor = "eyJhIjoxfQ";

export const targets = {
  "gateway query": {
    kind: "text",
    seeds: ["q=rust&limit=10", "category=a,b&tags=c&q=%22x%22", `q=rust&cursor=${cursor}`, ""],
    words: [
      "q=",
      "category=",
      "tags=",
      "license=",
      "sort=",
      "facets=",
      "limit=",
      "cursor=",
      "&",
      "%",
      "%00",
      "%ff",
      "+",
      cursor,
    ],
    maxBytes: 4096,
    run(input: Uint8Array) {
      const list = parseListQuery(parametersOf(`/packages?${text(input)}`));
      const { categories, tags, licenses } = list;
      const items = [...categories, ...tags, ...licenses];
      check(list.text.length <= 200 && items.length <= 60, "a query over its limits");
      check(
        items.every((item) => item.length <= 100 && item !== ""),
        "a filter over its limits",
      );
      check((list.query.cursor ?? cursor).length <= maxCursorLength, "a cursor over its limit");
      const again = new URLSearchParams({ q: list.text });
      for (const [name, values] of Object.entries({ category: categories, tags, license: licenses })) {
        for (const value of values) again.append(name, value);
      }
      const { text: said, ...filters } = parseListQuery(again);
      check(said === list.text && filters.tags.join() === tags.join(), "a query that is not what it was");
      return Object.keys(list.query).join(" ");
    },
  },
  "gateway path": {
    kind: "text",
    seeds: ["io.example.a\n1.0.0", "ggen1onir4pg3ddbtsuwbzao623frybszz3icuf2kkyqqfhfvewcfr32q/a\n", "a"],
    words: ["/", "%2F", "..", "@", "1.0.0"],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const [id = "", version] = text(input).split("\n");
      const named = parsePackagePath(id, version === "" ? undefined : version);
      check(/^\/packages\/[\w.~%!'()*-]+(?:\/versions\/[\w.~%!'()*-]+)?$/.test(named.path), `a path ${named.path}`);
      return Object.keys(named).length.toString();
    },
  },
  "gateway headers": {
    kind: "text",
    seeds: ["bytes=0-99", "bytes=-5", '"abc", W/"def"', "gzip;q=0.5, zstd", "text/html, application/json;q=0.9", "*"],
    words: ["bytes=", "-", ",", ";q=", "0.5", "gzip", "zstd", "identity", "text/html", "*/*", 'W/"', '"abc"', "\u0080"],
    maxBytes: 8192,
    run(input: Uint8Array) {
      const header = Buffer.from(input).toString("latin1");
      const range = parseRange(header, 1000);
      check(
        range.kind !== "part" || (range.start >= 0 && range.start < range.end && range.end <= 1000),
        "a range outside",
      );
      const facts = [
        range.kind,
        matchesNone(header, '"abc"'),
        allowsRange(header, '"abc"'),
        preferredCoding(header),
        prefersHtml(header),
      ];
      check(isDeepStrictEqual(facts[0], parseRange(header, 1000).kind), "a header with two meanings");
      return facts.join(" ");
    },
  },
  "gateway request": {
    kind: "text",
    seeds: [
      "/packages?q=rust\nAccept: application/json",
      "/\nAccept: text/html",
      "/packages/io.example.a/versions/1.0.0/download\nRange: bytes=0-9",
      "/packages/io.example.a/info\nAccept-Encoding: gzip",
      "/metrics",
      "/openapi.json",
    ],
    words: [
      "/packages/",
      "/versions/",
      "/download",
      "/info",
      "?q=",
      "%2e%2e%2f",
      "%00",
      "\nRange: bytes=",
      "\nHost: ",
      "\nAccept: ",
    ],
    maxBytes: 4096,
    async run(input: Uint8Array) {
      gateway ??= startGateway({ backend: new MemoryBackend(), host: "127.0.0.1", port: 0 });
      const { port } = await gateway;
      const [path = "/", ...lines] = Buffer.from(input).toString("latin1").split("\n");
      const head = [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", "Connection: close", ...lines].join("\r\n");
      const answer = await exchange(port, `${head}\r\n\r\n`);
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      check(status !== undefined && status !== "500", `answered with ${JSON.stringify(answer.slice(0, 60))}`);
      return status ?? false;
    },
  },
};
