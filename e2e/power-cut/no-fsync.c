/* Preloaded into a process, takes away what makes its writes durable: fsync and fdatasync only say that they worked. */
int fsync(int descriptor) {
  (void)descriptor;
  return 0;
}

int fdatasync(int descriptor) {
  (void)descriptor;
  return 0;
}
