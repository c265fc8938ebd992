import { parseArgs } from "node:util";

import { GgenError } from "@ggen/p2p-types";

/** What the command line of `ggen-server` says. */
export interface ServerArguments {
  readonly help: boolean;
  readonly version: boolean;
  readonly home?: string;
  readonly host?: string;
  readonly port?: number;
}

/** What `--help` prints. */
export const helpText = `ggen-server: a ggen node with its HTTP gateway

  --host HOST   where to listen (http.host, 127.0.0.1)
  --port PORT   0-65535, 0 chooses a free one (http.port, 8080)
  --home DIR    the node's folder (GGEN_HOME, ~/.ggen)
  --version     print the version
  --help        print this

  ggen-server --port 8080 --home /srv/ggen
`;

/**
 * Reads a command line.
 * @param args - without the program
 * @throws GgenError `usage.invalid`
 */
export function parseServerArguments(args: readonly string[]): ServerArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false },
        home: { type: "string" },
        host: { type: "string" },
        port: { type: "string" },
      },
    });
    const { help, version, home, host, port } = values;
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
      throw new RangeError(`--port ${port.slice(0, 40)} is not a port (0-65535)`);
    }
    return {
      help,
      version,
      ...(home === undefined ? {} : { home }),
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  } catch (cause) {
    throw new GgenError("usage.invalid", (cause as Error).message, { hint: "See ggen-server --help.", cause });
  }
}
