/** A signal that aborts when this process is asked to end, or when the process that started it is gone. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(new Error("interrupted"));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, abort);
  if (process.channel !== undefined) {
    process.on("disconnect", abort);
    process.channel.unref();
  }
  return controller.signal;
}
