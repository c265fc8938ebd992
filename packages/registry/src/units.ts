/** Bytes of what the configuration calls a MB. */
export const bytesPerMb = 1_000_000;
