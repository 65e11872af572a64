/** Why a run's signal aborted. A shutdown leaves the run as it is, to be resumed by the next gateway. */
export class RunStop extends Error {
  override readonly name = "RunStop";
  readonly kind: "cancelled" | "timed_out" | "shutdown";

  constructor(kind: RunStop["kind"]) {
    super(
      `The run was ${kind === "timed_out" ? "stopped at its time limit" : kind === "shutdown" ? "interrupted by a shutdown" : "cancelled"}`,
    );
    this.kind = kind;
  }
}

export function isShutdown(signal: AbortSignal): boolean {
  return signal.reason instanceof RunStop && signal.reason.kind === "shutdown";
}
