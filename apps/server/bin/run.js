#!/usr/bin/env node
import { runServer } from "@ggen/p2p-server/main";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) {
  process.on(name, () => {
    // The second one is from somebody who does not want to wait.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
process.exitCode = await runServer({
  args: process.argv.slice(2),
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  signal: stop.signal,
});
