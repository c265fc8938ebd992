import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { pskCipher, pskIdentity, pskKey } from "./psk.ts";

const [carrier, port, megabytes] = process.argv.slice(2);
const host = "127.0.0.1";
const socket =
  carrier === "tcp"
    ? connectTcp({ host, port: Number(port) })
    : connectTls({
        host,
        port: Number(port),
        pskCallback: () => ({ psk: pskKey, identity: pskIdentity }),
        ciphers: pskCipher,
        maxVersion: "TLSv1.2",
        // There is no certificate whose name could be compared.
        checkServerIdentity: () => undefined,
      });
await once(socket, carrier === "tcp" ? "connect" : "secureConnect");
const chunk = Buffer.alloc(1_000_000, 1);
for (let sent = 0; sent < Number(megabytes); sent += 1) {
  if (!socket.write(chunk)) await once(socket, "drain");
}
socket.end();
