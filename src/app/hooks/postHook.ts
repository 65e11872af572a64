import { isAppError } from "../../base/appError.ts";
import { newId } from "../../base/id.ts";
import type { SignedPost } from "../signedPost.ts";
import type { HookSaid } from "./hookCommand.ts";

/** Posts what a hook is told, signed. Rejects with an AppError where nothing may be posted. */
export async function postHook(
  post: SignedPost,
  { url, body, timeoutMs, signal }: { url: string; body: unknown; timeoutMs: number; signal: AbortSignal },
): Promise<HookSaid> {
  try {
    // In the user's own file, so that it may be on this machine.
    const { status, text, isWhole } = await post({
      id: newId("hook"),
      url,
      body,
      allowLoopback: true,
      timeoutMs,
      signal,
    });
    if (status < 200 || status >= 300) return { text, fault: `It answered with status ${status}` };
    return isWhole ? { text } : { text, cut: `It answered more than ${text.length} characters` };
  } catch (error) {
    if (signal.aborted) return { text: "", fault: "It was stopped" };
    if (isAppError(error)) throw error;
    return { text: "", fault: `It could not be reached: ${(error as Error).message}` };
  }
}
