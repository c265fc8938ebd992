import { type RawEntry, rawArchive, rawEntry } from "../support/raw-tar.ts";

/** Archives that nobody may accept, by name. */
export const hostileArchives: Readonly<Record<string, Buffer>> = {
  ...paths(),
  ...kinds(),
  ...fields(),
  ...frames(),
};

function paths(): Record<string, Buffer> {
  const named: Record<string, RawEntry | readonly RawEntry[]> = {
    "climbs out with ..": { name: "../evil" },
    "climbs out from within": { name: "a/../../evil" },
    "climbs out in the prefix": { prefix: "../..", name: "evil" },
    "climbs back to where it was": { name: "a/../b" },
    "absolute path": { name: "/tmp/evil" },
    "absolute prefix": { prefix: "/tmp", name: "evil" },
    "a part that is a dot": { name: "./a" },
    "only a dot": { name: "." },
    "an empty part": { name: "a//b" },
    "a slash at the end": { name: "a/" },
    "no name": { name: "" },
    backslashes: { name: String.raw`..\evil` },
    "a drive": { name: "C:evil" },
    "an alternate stream": { name: "a.txt:hidden" },
    "a device of Windows": { name: "con" },
    "a device with an extension": { name: "docs/aux.txt" },
    "a device with a blank": { name: "lpt1 .md" },
    "a dot at the end": { name: "a./b" },
    "a space at the end": { name: "a " },
    "a wildcard": { name: "a*" },
    "UTF-8 in a name": { name: Buffer.from("ü.txt") },
    "a line break in a name": { name: "a\nb" },
    "an escape sequence in a name": { name: "a\u001b[2Jb" },
    "a delete character in a name": { name: "a\u007f" },
    "bytes behind the end of the name": { name: "good\0../evil" },
    "a git configuration": { name: ".git/config", content: "[core]\nfsmonitor = evil" },
    "a git configuration in capitals": { name: "sub/.GIT/config" },
    "a git configuration by its short name": { name: "git~1/config" },
    node_modules: { name: "node_modules/left-pad/index.js" },
    "over 240 bytes": { prefix: `${"p".repeat(70)}/${"q".repeat(80)}`, name: "n".repeat(90) },
    "the same path twice": [{ name: "a" }, { name: "a" }],
    "the same path in another case": [{ name: "README" }, { name: "readme" }],
    "one folder in two spellings": [{ name: "Docs/a" }, { name: "docs/b" }],
    "a folder over a file": [{ name: "a" }, { name: "a/b" }],
    "a file over a folder in another case": [{ name: "A/b" }, { name: "a" }],
    "paths out of order": [{ name: "b" }, { name: "a" }],
    "a path split at the wrong slash": { prefix: "a", name: "b" },
    "a long path split too early": { prefix: "a", name: `${"b".repeat(60)}/${"c".repeat(39)}` },
  };
  return Object.fromEntries(Object.entries(named).map(([name, entry]) => [name, rawArchive(...[entry].flat())]));
}

function kinds(): Record<string, Buffer> {
  return {
    "a symbolic link": rawArchive({ name: "link", type: "2", link: "/etc/passwd" }),
    "a file through a link": rawArchive({ name: "x", type: "2", link: ".." }, { name: "x/evil", content: "harm" }),
    "a hard link": rawArchive({ name: "link", type: "1", link: "/etc/passwd" }),
    "a character device": rawArchive({ name: "zero", type: "3", devmajor: "0000001" }),
    "a block device": rawArchive({ name: "disk", type: "4", devmajor: "0000010" }),
    "a folder": rawArchive({ name: "folder", type: "5" }),
    "a named pipe": rawArchive({ name: "pipe", type: "6" }),
    "a contiguous file": rawArchive({ name: "a", type: "7" }),
    "an old regular file": rawArchive({ name: "a", type: "\0" }),
    "a pax header": rawArchive({ name: "pax", type: "x", content: "16 path=../evil\n" }, { name: "a" }),
    "a global pax header": rawArchive({ name: "pax", type: "g", content: "16 path=../evil\n" }, { name: "a" }),
    "a GNU long name": rawArchive({ name: "././@LongLink", type: "L", content: "../evil\0" }, { name: "a" }),
    "a GNU sparse file": rawArchive({ name: "a", type: "S" }),
    "an unknown kind": rawArchive({ name: "a", type: "Z" }),
  };
}

function fields(): Record<string, Buffer> {
  return {
    "a set-user-id mode": rawArchive({ mode: "0004755", content: "#!/bin/sh\n" }),
    "a mode that others may write": rawArchive({ mode: "0000777", content: "#!/bin/sh\n" }),
    "an executable without #!": rawArchive({ mode: "0000755", content: "text" }),
    "a script that is not executable": rawArchive({ content: "#!/bin/sh\n" }),
    "an executable of one byte": rawArchive({ mode: "0000755", content: "#" }),
    "an owner": rawArchive({ uid: "0001750" }),
    "an owner's name": rawArchive({ uname: "root" }),
    "a time": rawArchive({ mtime: "14000000000" }),
    "the magic of GNU": rawArchive({ magic: "ustar  \0" }),
    "no magic": rawArchive({ magic: "\0\0\0\0\0\0\0\0" }),
    "a link name on a file": rawArchive({ link: "elsewhere" }),
    "a device number on a file": rawArchive({ devmajor: "0000001" }),
    "bytes after the prefix": rawArchive({ tail: "hidden" }),
    "a wrong checksum": rawArchive({ checksum: "000000\0 " }),
    "a checksum in another form": rawArchive({ checksum: "0004712\0" }),
    "a size with blanks": rawArchive({ content: "abc", size: "          3" }),
    "a size in base 256": rawArchive({ content: "abc", size: Buffer.from([128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]) }),
    "a negative size": rawArchive({ content: "abc", size: "-0000000003" }),
    "a size of twelve digits": rawArchive({ content: "abc", size: "000000000003" }),
    "a size beyond the end": rawArchive({ content: "abc", size: "77777777777" }),
    "content in the padding": rawArchive({ content: "abc", filler: 65 }),
  };
}

function frames(): Record<string, Buffer> {
  const good = rawArchive({ name: "a", content: "abc" });
  return {
    "nothing at all": Buffer.alloc(0),
    "half a header": good.subarray(0, 256),
    "half a content": good.subarray(0, 514),
    "no trailer": good.subarray(0, 1024),
    "half a trailer": good.subarray(0, 1536),
    "a single zero block, then a file": Buffer.concat([
      rawEntry({ name: "a" }),
      Buffer.alloc(512),
      rawArchive({ name: "b" }),
    ]),
    "a third zero block": Buffer.concat([good, Buffer.alloc(512)]),
    "a trailer of ten blocks": Buffer.concat([good, Buffer.alloc(8192)]),
    "one byte after the end": Buffer.concat([good, Buffer.from("x")]),
    "a second archive": Buffer.concat([good, rawArchive({ name: "../evil", content: "harm" })]),
    "gzip instead": Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(2044)]),
  };
}
