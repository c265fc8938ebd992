// The official expression of semver.org, without build metadata.
const pattern =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?$/;

/** Longest version in characters. */
export const maxVersionLength = 100;

/**
 * Whether a text is a version here: semver 2.0.0 without build metadata, numbers below 2^53.
 * @see https://semver.org
 */
export function isVersion(text: string): boolean {
  return (
    text.length <= maxVersionLength &&
    pattern.test(text) &&
    (text.split("-", 1)[0] ?? "").split(".").every((part) => Number.isSafeInteger(Number(part)))
  );
}
