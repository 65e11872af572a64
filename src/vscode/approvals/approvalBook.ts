import type { Approval } from "../../protocol/approval.ts";
import type { GatewayEvent } from "../../protocol/event.ts";

/** The approvals that wait for the user, kept from events. */
export class ApprovalBook {
  readonly #waiting = new Map<string, Approval>();

  get count(): number {
    return this.#waiting.size;
  }

  /** Oldest first. */
  list(): Approval[] {
    return [...this.#waiting.values()];
  }

  get(id: string): Approval | undefined {
    return this.#waiting.get(id);
  }

  replace(approvals: Approval[]): void {
    this.#waiting.clear();
    for (const approval of approvals) this.#waiting.set(approval.id, approval);
  }

  /** True when the event changed what waits. */
  take(event: GatewayEvent): boolean {
    switch (event.type) {
      case "approval.asked":
        this.#waiting.set(event.approval.id, event.approval);
        return true;
      case "approval.answered":
        return this.#waiting.delete(event.approvalId);
      case "run.finished":
        return this.#drop(({ runId }) => runId === event.runId);
      case "session.deleted":
        return this.#drop(({ sessionKey }) => sessionKey === event.sessionKey);
      default:
        return false;
    }
  }

  #drop(isGone: (approval: Approval) => boolean): boolean {
    const gone = this.list().filter(isGone);
    for (const { id } of gone) this.#waiting.delete(id);
    return gone.length > 0;
  }
}
