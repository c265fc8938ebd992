/**
 * Why the system refused, for people: `permission denied (EACCES)` instead of a call with its path.
 * @param error - anything that was thrown; of another error its message
 */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code !== "string" || !error.message.startsWith(`${code}: `)) return error.message;
  // Node.js appends the call and its paths: `EACCES: permission denied, open '/x'`.
  const words = error.message.slice(code.length + 2).replace(/, [a-z]+(?: '.*)?$/s, "");
  return `${words} (${code})`;
}
