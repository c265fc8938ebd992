import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeEach, describe, expect, it } from "vitest";

import { type Answer, useGateway } from "./backend/gateway.ts";
import { alice, contentOf, mallory } from "./backend/packages.ts";

interface PathItem {
  readonly get: { readonly responses: Readonly<Record<string, ResponseObject | { readonly $ref: string }>> };
}
interface ResponseObject {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly parameters: Readonly<Record<string, { readonly name: string; readonly in: string }>>;
  };
}

const server = useGateway({ maxDownloads: 0 });
let document: Document;
let ajv: Ajv2020;
let problems: (string | undefined)[] = [];
beforeEach(async () => {
  problems = [];
  document = (await server.get("/openapi.json")).json() as Document;
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "openapi");
  server.backend.add(
    { id: "full", authors: ["A"], license: "MIT", tags: ["t"], dependencies: { x: "^1" } },
    contentOf("f", 50),
  );
  server.backend.add({ id: "bare", version: "0.1.0-a.1" }, contentOf("b", 50));
  server.backend.add({ id: "gone", yanked: { reason: "" } }, contentOf("g", 50));
  server.backend.add({ id: "disputed" }, contentOf("d", 50));
  server.backend.add({ id: "disputed", publisher: mallory }, contentOf("m", 50));
});

/** What the document has against an answer: its status must be listed, its body must have the shape. */
function problem(path: string, answer: Answer): string | undefined {
  const listed = document.paths[path]?.get.responses[answer.status];
  if (listed === undefined) return `${path} does not document ${answer.status}`;
  const response = "$ref" in listed ? document.components.responses[listed.$ref.split("/").at(-1) ?? ""] : listed;
  if (answer.body.length === 0) return undefined;
  const type = answer.headers["content-type"]?.split(";", 1)[0] ?? "";
  const schema = response?.content?.[type]?.schema;
  if (schema === undefined) return `${path} ${answer.status} does not document ${type}`;
  if (type !== "application/json") return undefined;
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object);
  return validate(answer.json()) ? undefined : `${path} ${answer.status}: ${JSON.stringify(validate.errors)}`;
}

async function check(path: string, ...request: Parameters<typeof server.get>): Promise<void> {
  problems.push(problem(path, await server.get(...request)));
}

it("is OpenAPI 3.1 whose references all lead somewhere", () => {
  expect(document.openapi).toBe("3.1.0");
  for (const [, target = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = target.split("/").reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], document);
    expect({ target, found }).not.toEqual({ target, found: undefined });
  }
  for (const [path, item] of Object.entries(document.paths)) {
    const names = Object.values(document.components.parameters);
    for (const [, name = ""] of path.matchAll(/\{(\w+)\}/g)) {
      expect(names.some((parameter) => parameter.name === name && parameter.in === "path")).toBe(true);
    }
    expect(Object.keys(item)).toEqual(["parameters", "get", "head"]);
  }
});

it("has exactly the endpoints of the gateway", () => {
  expect(Object.keys(document.paths).toSorted()).toEqual(
    [
      "/",
      "/healthz",
      "/metrics",
      "/openapi.json",
      "/packages",
      "/packages/{id}",
      "/packages/{id}/download",
      "/packages/{id}/info",
      "/packages/{id}/versions/{version}",
      "/packages/{id}/versions/{version}/download",
      "/packages/{id}/versions/{version}/info",
      "/readyz",
    ].toSorted(),
  );
});

describe("every answer is as documented", () => {
  it.each(["/", "/packages", "/healthz", "/readyz", "/metrics", "/openapi.json"])("%s", async (path) => {
    await check(path, path);
    await check(path, path, {}, "POST");
    await check(path, path, { host: "evil.example" });
    await check(path, `${path}?${"x".repeat(5000)}`);
    expect(problems).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("/packages, in all its forms", async () => {
    await check("/packages", "/packages?limit=1");
    await check("/packages", "/packages?q=nothing-of-that-kind");
    await check("/packages", "/packages?limit=1000");
    await check("/", "/", { accept: "text/html" });
    server.backend.isReady = false;
    await check("/readyz", "/readyz");
    expect(problems.filter((found) => found !== undefined)).toEqual([]);
  });

  it.each(["", "/info", "/download"])("/packages/{id}%s", async (suffix) => {
    for (const id of ["full", "bare", "gone", "disputed", "none", "..%2f", `${alice}%2Fdisputed`]) {
      await check(`/packages/{id}${suffix}`, `/packages/${id}${suffix}`);
      for (const version of ["1.0.0", "0.1.0-a.1", "7.7.7", "x"]) {
        const path = `/packages/${id}/versions/${version}${suffix}`;
        await check(`/packages/{id}/versions/{version}${suffix}`, path);
        await check(`/packages/{id}/versions/{version}${suffix}`, path, { range: "bytes=900-" });
      }
    }
    expect(problems.filter((found) => found !== undefined)).toEqual([]);
  });
});
