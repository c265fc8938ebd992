import { expect, it } from "vitest";
import { DemoError, parseDemoOptions } from "../demo/options.ts";

it("defaults to staying up on port 8080", () => {
  expect(parseDemoOptions([])).toEqual({ once: false, port: 8080 });
  expect(parseDemoOptions(["--once", "--port", "9000"])).toEqual({ once: true, port: 9000 });
});

it.each([[["--port", "0"]], [["--port", "65536"]], [["--port", "x"]], [["--prot", "1"]], [["now"]]])(
  "refuses %j",
  (args) => {
    expect(() => parseDemoOptions(args)).toThrow(DemoError);
  },
);
