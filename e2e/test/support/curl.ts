import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An answer as curl saw it. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `body` as JSON. */
  json(): unknown;
}

/** Asks with curl, a process of its own. @param args - options before the URL */
export async function curl(url: string, args: readonly string[] = []): Promise<Answer> {
  const { stdout } = await run("curl", ["-sS", "-i", "--max-time", "60", ...args, url], { maxBuffer: 1 << 26 });
  const end = stdout.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = stdout.slice(0, end).split("\r\n");
  const body = stdout.slice(end + 4);
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body,
    json: () => JSON.parse(body) as unknown,
  };
}

/** Downloads into a file. @param args - further options @returns the status */
export async function download(url: string, file: string, args: readonly string[] = []): Promise<number> {
  const { stdout } = await run("curl", ["-sS", "-o", file, "-w", "%{http_code}", "--max-time", "120", ...args, url]);
  return Number(stdout);
}

/** What coreutils' sha256sum says of a file, as the gateway writes checksums. */
export async function sha256sum(file: string): Promise<string> {
  const { stdout } = await run("sha256sum", [file]);
  return `sha256:${stdout.slice(0, 64)}`;
}

/** What sha256sum says of what curl got, without a file between them. */
export async function sha256OfDownload(url: string, args: readonly string[] = []): Promise<string> {
  const pipe = spawn("bash", ["-c", 'set -o pipefail; curl -sS "$@" | sha256sum', "bash", ...args, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  pipe.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(pipe, "close")) as [number];
  if (code !== 0) throw new Error(`curl ${url} ended with ${code}`);
  return `sha256:${text.slice(0, 64)}`;
}

/** Extracts with the system's tar. */
export async function untar(file: string, folder: string): Promise<void> {
  await run("tar", ["-xf", file, "-C", folder]);
}
