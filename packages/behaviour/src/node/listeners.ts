/** Who wants to know about something. */
export interface Listeners<Event> {
  /** @returns ends the subscription */
  add(listener: (event: Event) => void): () => void;
  emit(event: Event): void;
}

/** Creates a list of listeners. @param onError - gets what a listener threw; the others are still called */
export function createListeners<Event>(onError: (error: unknown) => void): Listeners<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
