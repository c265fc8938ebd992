import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { buffer } from "node:stream/consumers";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type ChaosProxy, type Fault, startChaosProxy } from "../src/index.ts";

let echo: Server;
let proxy: ChaosProxy;

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startChaosProxy({ host: "127.0.0.1", port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  await proxy.close();
  echo.close();
});

async function roundTrip(bytes: Uint8Array): Promise<Buffer> {
  const socket = connect(proxy.port, "127.0.0.1");
  socket.end(bytes);
  return buffer(socket);
}

const sent = Buffer.alloc(100_000, "ggen");

it("passes everything on, both ways, without faults", async () => {
  const big = Buffer.alloc(3_000_000, "x");
  expect((await roundTrip(big)).equals(big)).toBe(true);
  expect(proxy.bytes).toEqual({ "to-target": big.length, "to-client": big.length });
  expect(proxy.connections).toBe(1);
});

it("flips exactly the bits that it was told", async () => {
  proxy.setFaults([{ kind: "flip", atByte: 70_000, bit: 3, direction: "to-client" }]);
  const expected = Buffer.from(sent);
  expected[70_000] = (expected[70_000] ?? 0) ^ 8;
  expect((await roundTrip(sent)).equals(expected)).toBe(true);
});

it("flips a bit of every so many bytes, across pieces", async () => {
  proxy.setFaults([{ kind: "flip", atByte: 5, every: 1000, direction: "to-target" }]);
  const received = await roundTrip(sent);
  const changed = [...sent.keys()].filter((index) => received[index] !== sent[index]);
  expect(changed).toEqual(Array.from({ length: 100 }, (_, index) => 5 + index * 1000));
});

describe("cut", () => {
  it("resets a connection after so many bytes, and serves the next", async () => {
    proxy.setFaults([{ kind: "cut", afterBytes: 50_000, direction: "to-client" }]);
    await expect(roundTrip(sent)).rejects.toThrow(/ECONNRESET|aborted|premature/i);
    expect(proxy.bytes["to-client"]).toBe(50_000);
    proxy.setFaults([]);
    expect((await roundTrip(sent)).equals(sent)).toBe(true);
  });

  it("resets what is open when told", async () => {
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write("hello");
    await once(socket, "data");
    const failed = once(socket, "error");
    proxy.cutAll();
    expect(await failed).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
  });
});

it.each<Fault>([
  { kind: "delay", ms: 1 },
  { kind: "throttle", bytesPerSecond: 10_000_000 },
])("$kind changes no byte", async (fault) => {
  proxy.setFaults([fault]);
  expect((await roundTrip(sent)).equals(sent)).toBe(true);
});
