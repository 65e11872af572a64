import { AppError } from "../base/appError.ts";

/** What is to be closed when all is over, the last first. */
export interface CloseStack {
  /** `what` names it in the error, should closing it fail. */
  add(what: string, close: () => unknown): void;
  /** Takes every step, whatever fails before it; then rejects with what failed. Called twice it closes once. */
  close(): Promise<void>;
}

export function createCloseStack(): CloseStack {
  const steps: { what: string; close: () => unknown }[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    const failed: string[] = [];
    let cause: unknown;
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        cause ??= error;
        failed.push(`${step.what} (${error instanceof Error ? error.message : String(error)})`);
      }
    }
    if (failed.length > 0) throw new AppError("unavailable", `Closed, but for ${failed.join(", ")}`, { cause });
  };
  return {
    add: (what, close) => void steps.push({ what, close }),
    close: () => (closing ??= closeAll()),
  };
}
