/** Milliseconds of this thread's own work so far. Not the time on the wall, which on a busy machine tells of its other programs. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
