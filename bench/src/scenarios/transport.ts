import { transportLimit } from "../limits/transport.ts";
import type { Scenario } from "../scenario.ts";

/** What this machine's loopback carries, as the limit for transfers. */
export const transport: Scenario = {
  name: "transport",
  async run() {
    const tcp = await transportLimit("tcp");
    const tls = await transportLimit("tls");
    const condition = "256 MB from one process to another, loopback";
    return [
      { figure: "raw node TCP", condition, value: tcp, unit: "MB/s", samples: 3 },
      {
        figure: "raw node TLS",
        condition: `${condition}, AES-256-GCM`,
        value: tls,
        unit: "MB/s",
        samples: 3,
        rival: { name: "raw TCP", value: tcp },
      },
    ];
  },
};
