import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { type ConfigKey, configKeys } from "../src/index.ts";

const page = fileURLToPath(new URL("../../../docs/reference/configuration.md", import.meta.url));

function kindOf(row: ConfigKey): string {
  const unit = row.unit === undefined ? "" : ` (${row.unit})`;
  if (row.min !== undefined) return `${row.type}, ${row.min} to ${row.max}${unit}`;
  const format = row.format === undefined || row.format === "name" ? "text" : row.format.replaceAll("-", " ");
  const item = row.choices === undefined ? format : row.choices.map((choice) => `\`${choice}\``).join(", ");
  if (row.type === "list") return `list of ${item}`;
  return row.type === "boolean" ? "boolean" : item;
}

function rowOf(row: ConfigKey): string {
  const value = row.default === undefined ? "unset" : `\`${JSON.stringify(row.default)}\``;
  const others = [row.environment, row.flag].filter((name) => name !== undefined).map((name) => `\`${name}\``);
  return `| \`${row.key}\` | ${kindOf(row)} | ${value} | ${others.join(", ")} | ${row.doc} |`;
}

const tables = [...new Set(configKeys.map(({ key }) => key.slice(0, key.indexOf("."))))];
const expected = `# Configuration

A node reads \`config.toml\` in its home (\`GGEN_HOME\`, \`~/.ggen\` unless set), or the file named with \`--config\`. Flags beat environment variables, these beat the file, the file beats the defaults; \`ggen config show --origin\` says where each value came from, \`ggen config validate\` checks a file without starting anything, and \`ggen config set KEY VALUE\` changes one key and leaves the rest of the file as it is.

This page is made from the table in \`packages/config\`, and a test holds the two equal.

An unknown key, a value of the wrong type or out of range stops the node: one error names every such place with file and line, what was expected and what was found. So does an address that cannot be parsed. A bootstrap address that parses but cannot lead to a ggen node is a warning with its reason, and the node starts.

Further rules: at least one of \`security.noise_enabled\` and \`security.tls_enabled\`; no \`security.private_network_key\` together with \`quic\` or \`webrtc-direct\`, which cannot be private; listen addresses only of enabled protocols; latitude and longitude only together; \`mesh_n_low\` ≤ \`mesh_n\` ≤ \`mesh_n_high\`; \`history_gossip\` ≤ \`history_length\`. A bootstrap node may also be written as a table with \`peer_id\` and \`address\`. The file has at most 1 MiB.

${tables
  .map(
    (table) => `## [${table}]
| key | type, range, unit | default | also set by | meaning |
|---|---|---|---|---|
${configKeys
  .filter(({ key }) => key.startsWith(`${table}.`))
  .map(rowOf)
  .join("\n")}`,
  )
  .join("\n\n")}

## Environment
| variable | meaning |
|---|---|
| \`GGEN_HOME\` | the home of the node; \`~/.ggen\` when unset |
${configKeys
  .filter(({ environment }) => environment !== undefined)
  .map(({ environment, key, type }) => {
    const form =
      new Map([
        ["list", ", comma-separated"],
        ["boolean", ": true, false, 1 or 0"],
      ]).get(type) ?? "";
    return `| \`${environment}\` | \`${key}\`${form} |`;
  })
  .join("\n")}
| \`GGEN_DNS_SERVERS\` | DNS servers that are asked whose a domain is: \`IP\` or \`IP:PORT\`, comma-separated; those of the system when unset |
| \`GGEN_LOG\` | what is logged: a level (\`off\`, \`error\`, \`warn\`, \`info\`, \`debug\`, \`trace\`), or \`name=level\` pairs, comma-separated; \`info\` when unset |
| \`RUST_LOG\` | read when \`GGEN_LOG\` is unset; parts of it that are not understood are passed over |
| \`NO_COLOR\` | no colours when set |
`;

it("equals docs/reference/configuration.md (UPDATE_DOCS=1 writes it)", async () => {
  if (process.env["UPDATE_DOCS"] === "1") {
    await mkdir(dirname(page), { recursive: true });
    await writeFile(page, expected);
  }
  expect(await readFile(page, "utf8")).toBe(expected);
});
