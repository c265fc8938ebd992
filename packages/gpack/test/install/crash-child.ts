/**
 * Starts an install whose archive never ends, says so on stdout, and waits to be killed.
 * Arguments: target, id, version.
 */
import { installArchive } from "../../src/index.ts";
import { versionArchive } from "./version-archive.ts";

const [target = "", id = "", version = ""] = process.argv.slice(2);
const { archive, record } = await versionArchive(id, version);
let opened = 0;

async function* halting(): AsyncGenerator<Uint8Array, void, undefined> {
  opened += 1;
  for await (const piece of archive.read()) {
    if (opened === 1) {
      yield piece;
    } else {
      yield piece.subarray(0, 700);
      process.stdout.write("staged\n");
      await new Promise(() => setInterval(() => undefined, 1000));
    }
  }
}

await installArchive({ archive: halting, target, record });
