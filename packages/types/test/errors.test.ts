import { describe, expect, it } from "vitest";

import { errorTable, fromErrorJson, GgenError, isGgenError, toGgenError } from "../src/index.ts";
import { docsText } from "./vectors.ts";

const exits =
  "0 success · 1 failure · 2 usage or configuration · 3 not running · 4 not found · 5 refused · 6 network · 7 storage";
const page = `# Errors

Every error has a dotted code that never changes its meaning, a message that names the thing concerned, what was expected and what was got where that helps, and a hint: the next step. \`--json\`, the control socket and the gateway carry the same fields; facts for programs are in \`data\`.

Exit status of the CLI: ${exits}. The gateway answers with the HTTP status.

This page is made from the table in \`packages/types\`, and a test holds the two equal.

| code | meaning | what to do | exit | HTTP |
|---|---|---|---|---|
${Object.entries(errorTable)
  .map(([code, row]) => `| \`${code}\` | ${row.meaning} | ${row.action} | ${row.exit} | ${row.http} |`)
  .join("\n")}
`;

describe("the table of errors", () => {
  it("equals docs/errors.md (UPDATE_DOCS=1 writes it)", () => {
    expect(docsText("errors.md", page)).toBe(page);
  });

  it.each(Object.entries(errorTable))("%s is said in whole sentences that fit a table", (code, { meaning, action }) => {
    expect(code).toMatch(/^[a-z]+(?:\.[a-z-]+)?$/);
    for (const sentence of [meaning, action]) {
      expect(sentence).toMatch(/^[A-Zg]/);
      expect(sentence).not.toMatch(/[|\n]/);
    }
    expect(meaning).toMatch(/\.$/);
  });
});

describe("GgenError", () => {
  it("takes its hint from the table unless it has one of its own", () => {
    expect(new GgenError("peer.not-found", "x").hint).toBe(errorTable["peer.not-found"].action);
    expect(new GgenError("peer.not-found", "x", { hint: "Look there." }).hint).toBe("Look there.");
  });

  it("goes through JSON and comes back", () => {
    const error = new GgenError("config.invalid", "m", { expected: "e", got: "g", hint: "h", data: { line: 3 } });
    const back = fromErrorJson(JSON.parse(JSON.stringify(error)) as ReturnType<GgenError["toJSON"]>);
    expect(back.toJSON()).toEqual(error.toJSON());
    expect(Object.keys(new GgenError("aborted", "m").toJSON())).toEqual(["code", "message", "hint"]);
  });

  it("makes of a code that it does not know a defect, not one of the words that every object has", () => {
    for (const code of ["no.such", "constructor", "__proto__"]) {
      expect(fromErrorJson({ code: code as "internal", message: "m", hint: "h" }).code).toBe("internal");
    }
  });

  it("is known by its mark, also when another copy of the package made it", () => {
    const foreign = Object.assign(new Error("m"), { [Symbol.for("ggen.error/1")]: true, code: "aborted" });
    expect(isGgenError(foreign, "aborted")).toBe(true);
    expect(isGgenError(new GgenError("aborted", "m"), "internal")).toBe(false);
    for (const value of [undefined, null, "aborted", { code: "aborted" }, new Error("m")]) {
      expect(isGgenError(value)).toBe(false);
    }
  });

  it("wraps what others throw, and keeps the cause", () => {
    const cause = new TypeError("broken");
    expect(toGgenError(cause, "storage.failed")).toMatchObject({ code: "storage.failed", message: "broken", cause });
    expect(toGgenError(AbortSignal.abort().reason, "storage.failed").code).toBe("aborted");
    expect(toGgenError("text").code).toBe("internal");
    const own = new GgenError("aborted", "m");
    expect(toGgenError(own, "internal")).toBe(own);
  });
});
