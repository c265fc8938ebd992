import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { type ConfigValue, type LoadedConfig, propertyPath } from "@ggen/p2p-config";
import { GgenError, systemReason } from "@ggen/p2p-types";

/** One key with its value and where that came from. */
export interface ConfigRow {
  readonly key: string;
  /** Null when the key is unset. */
  readonly value: ConfigValue | null;
  readonly source: "default" | "file" | "environment" | "flag";
  readonly where: string;
}

/** Every key of a configuration, in the order of the table. */
export function toConfigRows({ config, origins }: LoadedConfig): readonly ConfigRow[] {
  const tables = config as unknown as Readonly<Record<string, Readonly<Record<string, ConfigValue>> | undefined>>;
  return [...origins].map(([key, { source, where }]) => {
    const [table, name] = propertyPath(key);
    return { key, value: tables[table]?.[name] ?? null, source, where };
  });
}

/** The text of a configuration file; empty when there is none. @throws GgenError `config.unreadable` */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT" || (cause as NodeJS.ErrnoException).code === "ENOTDIR")
      return "";
    throw new GgenError("config.unreadable", `${path} cannot be read`, {
      expected: "a file that this user may read",
      got: systemReason(cause),
      cause,
    });
  }
}

/** Replaces a configuration file in one step, readable by its owner only. @throws GgenError `home.unwritable` */
export async function writeConfigText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new GgenError("home.unwritable", `${path} cannot be written`, {
      expected: "a file that this user may write",
      got: systemReason(cause),
      cause,
    });
  }
}
