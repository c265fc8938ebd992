import type { Chance } from "./target.ts";

const nasty = [
  "\0",
  "\u0001",
  "\u007f",
  "\u0085",
  "\u00ad",
  "\u200b",
  "\u202e",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\u{1f600}",
  "ß",
  "İ",
  "ﬁ",
  "e\u0301",
  "\r",
  "\r\n",
  "\n",
  "\t",
  "\\",
  '"',
  "'",
  '"""',
  "'''",
  "`",
  "#",
  "=",
  ".",
  ",",
  ";",
  ":",
  "/",
  "..",
  "../",
  "[",
  "]",
  "[[",
  "]]",
  "{",
  "}",
  "(",
  ")",
  "%00",
  "%2e%2e",
  "%",
  "+",
  "-",
  "@",
  "*",
  "?",
  "|",
  "&",
  "$",
  "~",
  "^",
  "<",
  ">",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "true",
  "nan",
  "inf",
  "1e309",
  "0x1",
  "-0",
  "9007199254740993",
  "18446744073709551616",
  "1979-05-27T07:32:00Z",
  "\\u0000",
  "\\ud800",
  "\\U00110000",
  "1.2.3",
  "*",
] as const;
const numbers = ["0", "-1", "1", "2147483648", "4294967296", "9007199254740991", "9007199254740992", "1e400", "0.1"];

/** Changes one thing about a text. @param other - another input, to take parts from */
export function mutateText(input: string, other: string, words: readonly string[], chance: Chance): string {
  const at = chance.below(input.length + 1);
  const length = 1 + chance.below(chance.pick([1, 4, 16, 64]));
  const [head, tail] = [input.slice(0, at), input.slice(at)];
  switch (chance.below(13)) {
    case 0:
      return head + chance.pick(nasty) + tail;
    case 1:
      return head + chance.pick(nasty) + tail.slice(length);
    case 2:
      return head + tail.slice(length);
    case 3:
      return head + tail.slice(0, length) + tail;
    case 4:
      return head;
    case 5:
      return head + (tail[0] ?? chance.pick(nasty)).repeat(1 << chance.below(13)) + tail;
    case 6:
      return head + chance.pick(nasty).repeat(1 << chance.below(10)) + tail;
    case 7:
      return head + chance.pick(words.length === 0 ? nasty : words) + tail.slice(chance.oneIn(2) ? 0 : length);
    case 8: {
      const from = chance.below(other.length + 1);
      return head + other.slice(from, from + length) + tail;
    }
    case 9:
      return head + other.slice(chance.below(other.length + 1));
    case 10:
      return onLines(input, chance);
    case 11:
      return onNumber(input, chance);
    default:
      return (
        head + String.fromCharCode(chance.below(chance.pick([0x80, 0x800, 0x10000]))) + tail.slice(chance.below(2))
      );
  }
}

function onLines(input: string, chance: Chance): string {
  const lines = input.split("\n");
  const from = chance.below(lines.length);
  const to = chance.below(lines.length);
  const line = lines[from] ?? "";
  if (chance.oneIn(3)) lines.splice(from, 1);
  else if (chance.oneIn(2)) lines.splice(to, 0, line);
  else [lines[from], lines[to]] = [lines[to] ?? "", line];
  return lines.join("\n");
}

function onNumber(input: string, chance: Chance): string {
  const found = [...input.matchAll(/\d+/g)];
  if (found.length === 0) return input + chance.pick(numbers);
  const match = chance.pick(found);
  return input.slice(0, match.index) + chance.pick(numbers) + input.slice(match.index + match[0].length);
}
