import { onTestFinished } from "vitest";

/** Until the test's end this process's clock is by so much ahead of that of its disks. */
export function setClockAside(ms: number): void {
  const { now } = Date;
  Date.now = () => now() + ms;
  onTestFinished(() => {
    Date.now = now;
  });
}
