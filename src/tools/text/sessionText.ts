import type { AgentReply } from "../../core/ports/agent.ts";
import type { ToolResult } from "../../core/ports/tool.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import type { StoredSession } from "../../core/ports/storedSession.ts";
import { cutText } from "../../base/cutText.ts";

const MAX_MESSAGE_CHARS = 4000;

/** A session as a model needs it. */
export function shownSession(session: StoredSession) {
  const { key, kind, title, state, model, parentKey, workspace, messageCount, updatedAt } = session;
  return { key, kind, title, state, model, parentKey, workspace, messageCount, updatedAt };
}

/** A message as a model needs it: who said what, and when; long ones cut. */
export function shownMessage(message: StoredMessage) {
  const { role, text, createdAt } = message;
  const cut = cutText(text, MAX_MESSAGE_CHARS, "[...]");
  const calls = message.role === "assistant" ? message.toolCalls.map((call) => call.name) : [];
  return { role, text: cut, ...(calls.length > 0 ? { toolCalls: calls } : {}), createdAt };
}

/** What a run in another session came to. */
export function shownReply(reply: AgentReply, keyName: "sessionKey" | "childSessionKey"): ToolResult {
  const base = { runId: reply.runId, [keyName]: reply.sessionKey };
  const outcome = reply.outcome;
  if (!outcome) return { text: JSON.stringify({ status: "accepted", ...base }) };
  if (outcome.type === "done") {
    const { reply: said, result } = outcome;
    return {
      text: JSON.stringify({ status: "ok", ...base, ...(result === undefined ? { reply: said } : { result }) }),
    };
  }
  const what = outcome.type === "failed" ? { error: outcome.error.message } : { reply: outcome.reply };
  return { text: JSON.stringify({ status: outcome.type, ...base, ...what }), isError: true };
}
