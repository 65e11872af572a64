import type { Page } from "playwright-core";

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  dur?: number;
  /** Microseconds of the thread's own time. */
  tdur?: number;
  args: { name?: string };
}

/**
 * How long the longest task of a page was while something was done, and all of them together: the thread's own time, which
 * is the same when others keep the machine busy.
 */
export async function traceTasks(
  page: Page,
  work: () => Promise<unknown>,
): Promise<{ longestMs: number; allMs: number }> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const categories = "disabled-by-default-devtools.timeline,__metadata";
  await session.send("Tracing.start", { transferMode: "ReportEvents", categories });
  await work();
  const complete = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const threads = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const isOfPage = ({ pid, tid }: TraceEvent) => threads.some((thread) => thread.pid === pid && thread.tid === tid);
  const tasks = events.filter((event) => event.name === "RunTask" && isOfPage(event));
  const times = tasks.map(({ tdur = 0 }) => tdur / 1000);
  return {
    longestMs: times.reduce((most, one) => Math.max(most, one), 0),
    allMs: times.reduce((sum, one) => sum + one, 0),
  };
}
