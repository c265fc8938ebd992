/** One system call of a trace. */
export interface SystemCall {
  /** Of the thread that made it. */
  readonly thread: number;
  readonly name: string;
  /** Its arguments and result as strace wrote them. */
  readonly detail: string;
  /** Which of this thread's calls of this name it is, from 1: what strace's `when=` counts. */
  readonly nth: number;
}

/** Every call by which a process changes a disk; `openat` only where it creates or empties a file. */
export const disk: readonly string[] = [
  ..."open openat openat2 creat write writev pwrite64 pwritev pwritev2 fsync fdatasync sync_file_range".split(" "),
  ..."rename renameat renameat2 unlink unlinkat rmdir mkdir mkdirat symlink symlinkat link linkat".split(" "),
  ..."ftruncate truncate fallocate chmod fchmod fchmodat chown fchown fchownat utimensat copy_file_range".split(" "),
  ..."sendfile setxattr fsetxattr mknod mknodat".split(" "),
];

/**
 * The calls of a trace that strace wrote with `-f` or without, in the order in which they began.
 * @param text - what strace wrote
 */
export function parseTrace(text: string): readonly SystemCall[] {
  const counts = new Map<string, number>();
  const calls: SystemCall[] = [];
  for (const line of text.split("\n")) {
    const [, thread = "0", name, detail] = /^(?:(\d+) +)?([a-z]\w*)\((.*)$/.exec(line) ?? [];
    if (name === undefined || detail === undefined) continue;
    const key = `${thread} ${name}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    calls.push({ thread: Number(thread), name, detail, nth });
  }
  return calls;
}

/** Whether a call changes a file, a folder or a name below one of these folders. */
export function changesDisk({ name, detail }: SystemCall, folders: readonly string[]): boolean {
  if (!disk.includes(name)) return false;
  if (name.startsWith("open") && !/O_CREAT|O_TRUNC/.test(detail)) return false;
  return folders.some(
    (folder) => detail.includes(`${folder}/`) || detail.includes(`${folder}>`) || detail.includes(`${folder}"`),
  );
}
