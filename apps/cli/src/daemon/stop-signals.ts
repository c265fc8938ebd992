/**
 * Makes Ctrl-C and SIGTERM stop a node cleanly; a second one ends the process at once.
 * @param options - `ignoreHangUp`: a daemon outlives its terminal; otherwise a closed terminal stops the node
 * @returns aborted by the first signal
 */
export function handleStopSignals(options: { readonly ignoreHangUp: boolean }): AbortController {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new DOMException("Interrupted", "AbortError"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", options.ignoreHangUp ? () => undefined : onSignal);
  return stop;
}
