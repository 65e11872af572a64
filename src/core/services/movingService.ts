import type { Origin } from "../../protocol/message.ts";
import type { TakenJob, TakenSession, TakeRequest } from "../../protocol/written/movedLine.ts";

/** What one gateway knows, as lines for another: see docs/moving.md. */
export interface Moving {
  /** A page of sessions with their messages. */
  sessions(cursor?: string): Promise<{ lines: string[]; nextCursor?: string }>;
  /** `leftOut`: those of openclaw.yml. */
  jobs(): Promise<{ lines: string[]; leftOut: number }>;
  /** Takes lines in: each session's line stands before its messages, again where they go on in another call. Twice is once. */
  take(request: TakeRequest, by: Origin): Promise<{ sessions: TakenSession[]; jobs: TakenJob[] }>;
}
