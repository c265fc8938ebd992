/**
 * Sets an entry of a map that must not grow for ever; the oldest entry makes room.
 * @param limit - most entries: 1 or more
 */
export function setBounded<K, V>(map: Map<K, V>, limit: number, key: K, value: V): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= limit && !map.has(key)) map.delete(oldest);
  map.set(key, value);
}
