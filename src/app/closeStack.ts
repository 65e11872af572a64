import { AppError } from "../base/appError.ts";

/** What is to be closed when all is over, the last first. */
export interface CloseStack {
  /**
   * `what` names it in the error, should closing it fail. What comes once all is closed is closed at once, and throws
   * `unavailable`: whoever went on meanwhile has to stop.
   */
  add(what: string, close: () => unknown): void;
  /** Takes every step, whatever fails before it; then rejects with what failed. Called twice it closes once. */
  close(): Promise<void>;
}

/** `begins` is called once, before the first step is taken. */
export function createCloseStack(begins: () => void = () => {}): CloseStack {
  const steps: { what: string; close: () => unknown }[] = [];
  let closing: Promise<void> | undefined;
  let isClosed = false;
  const closeAll = async (): Promise<void> => {
    const failed: string[] = [];
    let cause: unknown;
    begins();
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        cause ??= error;
        failed.push(`${step.what} (${error instanceof Error ? error.message : String(error)})`);
      }
    }
    isClosed = true;
    if (failed.length > 0) throw new AppError("unavailable", `Closed, but for ${failed.join(", ")}`, { cause });
  };
  return {
    add(what, close) {
      if (!isClosed) return void steps.push({ what, close });
      void (async () => close())().catch(() => {});
      throw new AppError("unavailable", `${what} came after all was closed`);
    },
    close: () => (closing ??= closeAll()),
  };
}
